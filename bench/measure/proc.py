# SPDX-License-Identifier: MIT
"""Processor time and memory of processes, by proc(5)."""

import os
import pathlib
import re

TICK = 1e6 / os.sysconf("SC_CLK_TCK")  # us


def cpu(pids):
    """{name: us} of user and system time, all threads."""
    times = {}
    for name, pid in pids.items():
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        times[name] = (int(fields[11]) + int(fields[12])) * TICK
    return times


def cpu_a_mail(before, after, mails):
    """Processes that began in between have no `before`."""
    return {name: round((after[name] - before.get(name, 0)) / mails, 1)
            for name in after}


def memory(pids, what="VmRSS"):
    """{name: MiB} of resident memory; VmHWM is its peak."""
    sizes = {}
    for name, pid in pids.items():
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        kib = int(re.search(rf"^{what}:\s*(\d+)", status, re.M).group(1))
        sizes[name] = round(kib / 1024, 1)
    return sizes
