# SPDX-License-Identifier: MIT
"""Processor time of processes, by proc(5)."""

import os
import pathlib

TICK = 1e6 / os.sysconf("SC_CLK_TCK")  # us


def used(pids):
    """{name: us} of user and system time, all threads."""
    times = {}
    for name, pid in pids.items():
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        times[name] = (int(fields[11]) + int(fields[12])) * TICK
    return times


def a_mail(before, after, mails):
    return {name: round((after[name] - before[name]) / mails, 1)
            for name in before}
