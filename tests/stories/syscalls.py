# SPDX-License-Identifier: MIT
"""The system calls of a running process, by strace(1)."""

import pathlib
import subprocess
import time


class Trace:
    """Of all threads of `pid`, from here on until end(). `options`: which
    calls, or -c to have them counted."""

    def __init__(self, pid, path, *options):
        self.path = pathlib.Path(path)
        self.tracer = subprocess.Popen(
            ["strace", "-f", "-qq", *options, "-o", str(self.path), "-p",
             str(pid)])
        deadline = time.monotonic() + 30
        while not traced(pid):
            assert self.tracer.poll() is None, "strace has ended"
            assert time.monotonic() < deadline, f"{pid} is not traced"
            time.sleep(0.02)

    def end(self):
        """What it wrote."""
        self.tracer.terminate()
        self.tracer.wait(10)
        return self.path.read_text()


def traced(pid):
    """Whether each of its threads is."""
    return all("TracerPid:\t0\n" not in status.read_text() for status
               in pathlib.Path(f"/proc/{pid}/task").glob("*/status"))


def counted(table):
    """{call: times} of what -c wrote."""
    rows = [line.split() for line in table.splitlines()]
    return {row[-1]: int(row[3]) for row in rows
            if len(row) in (5, 6) and row[3].isdigit() and row[-1] != "total"}
