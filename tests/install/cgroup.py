# SPDX-License-Identifier: MIT
"""
A control group of a machine's own, on a host with or without systemd: two
machines that shared one would end each other's services.
"""

import os
import pathlib


def mounts():
    """Of cgroup2, and of the hierarchy that systemd has where that is not all."""
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, folder, kind, options, *_ = line.split()
        if kind == "cgroup2" or (kind == "cgroup"
                                 and "name=systemd" in options.split(",")):
            yield pathlib.Path(folder)


class Cgroup:
    def __init__(self, name):
        self.folders = [mount / name for mount in mounts()]

    def make(self):
        for folder in self.folders:
            folder.mkdir(exist_ok=True)

    def enter(self):
        """This process, and what it starts from now on."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        """Whether it is gone: that takes the kernel a moment, once it is empty."""
        try:
            for top in self.folders:
                for folder, _, _ in os.walk(top, topdown=False):
                    os.rmdir(folder)
        except OSError:
            return False
        return True
