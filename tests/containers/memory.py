# SPDX-License-Identifier: MIT
"""What containers take of memory, from their control groups, version 1 or 2."""

import pathlib
import threading

GROUPS = pathlib.Path("/sys/fs/cgroup")


def group(pid):
    """Its folder of the memory controller."""
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return GROUPS / "memory" / path.lstrip("/")
        if number == "0" and (GROUPS / "cgroup.controllers").exists():
            return GROUPS / path.lstrip("/")
    raise FileNotFoundError(f"process {pid} is in no group with a memory limit")


def numbers(path):
    return {name: int(value) for name, value in (
        line.split() for line in path.read_text().splitlines())}


def own(folder):
    """Bytes that nothing else could have: neither files nor what is free."""
    stat = numbers(folder / "memory.stat")
    return stat.get("anon", stat.get("total_rss", 0)) + stat.get("shmem", 0)


def kills(folder):
    """Processes that the limit has ended."""
    events = folder / "memory.events"
    if not events.exists():
        events = folder / "memory.oom_control"
    return numbers(events)["oom_kill"]


def most(folder):
    """Bytes, with the files that were cached: the kernel's own peak."""
    for name in ("memory.peak", "memory.max_usage_in_bytes"):
        if (folder / name).exists():
            return int((folder / name).read_text())
    return 0


class Watch(threading.Thread):
    """The peaks and kills of these containers, looked at ten times a second."""

    def __init__(self, containers):
        super().__init__(daemon=True)
        self.folders = {one["Name"].lstrip("/"): group(one["State"]["Pid"])
                        for one in containers}
        self.limits = {one["Name"].lstrip("/"): one["HostConfig"]["Memory"]
                       for one in containers}
        self.peaks = dict.fromkeys(self.folders, 0)
        self.kills = dict.fromkeys(self.folders, 0)
        self.most = dict.fromkeys(self.folders, 0)
        self.over = threading.Event()
        self.start()

    def look(self):
        for name, folder in self.folders.items():
            try:
                self.peaks[name] = max(self.peaks[name], own(folder))
                self.kills[name] = max(self.kills[name], kills(folder))
                self.most[name] = max(self.most[name], most(folder))
            except OSError:
                pass  # it is being started anew

    def run(self):
        while not self.over.wait(0.1):
            self.look()

    def end(self):
        """Lines that say it; asserts that no limit was met."""
        self.over.set()
        self.join()
        self.look()
        assert not any(self.kills.values()), f"out of memory: {self.kills}"
        for name, peak in sorted(self.peaks.items()):
            assert 0 < peak < self.limits[name] or not self.limits[name]
            yield (f"{name}: at most {peak / 2**20:.1f} MB"
                   f" of {self.limits[name] / 2**20:.0f}, with files"
                   f" {self.most[name] / 2**20:.1f}")
