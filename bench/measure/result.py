# SPDX-License-Identifier: MIT
"""A part's result: its rounds, with all that tells where they are from."""

import datetime
import json
import os
import pathlib
import platform
import subprocess

from . import chart, figure
from .place import ROOT

SERVICES = ("lighttpd", "redis-server", "rabbitmq-server", "erlang-base")


def said(*argv):
    try:
        return subprocess.run(argv, text=True, capture_output=True,
                              check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def commit():
    return said("git", "-C", str(ROOT), "describe", "--always", "--dirty",
                "--abbrev=12", "--exclude=*") or "unknown"


def line_of(path, start):
    """What follows `start` and its mark in a file of names and values."""
    text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    for line in text.splitlines():
        if line.startswith(start):
            return line[len(start):].strip(' \t:="')
    return "unknown"


def machine():
    size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": line_of("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_mb": size >> 20,
        "kernel": platform.release().partition("-")[0],
        "distribution": line_of("/etc/os-release", "PRETTY_NAME"),
    }


def versions():
    found = {name: said("dpkg-query", "-W", "-f", "${Version}", name)
             for name in SERVICES}
    return found | {"node": said("node", "--version")}


def save(name, part, rounds, options):
    now = datetime.datetime.now(datetime.timezone.utc)
    found = figure.summaries(part.FIGURE, rounds)
    folder = options.results
    folder.mkdir(parents=True, exist_ok=True)
    base = commit()
    (folder / f"{name}.json").write_text(json.dumps({
        "part": name, "title": part.FIGURE.title,
        "commit": base.removesuffix("-dirty"),
        "dirty": base.endswith("-dirty"),
        "date": now.isoformat(timespec="seconds"),
        "command": " ".join(["bench/run.sh", name, *options.words]),
        "seed": options.seed, "seconds": options.seconds,
        "machine": machine(), "versions": versions(),
        "summary": found, "rounds": rounds}, indent=1) + "\n")
    (folder / f"{name}.svg").write_text(
        chart.draw(part.FIGURE, found, rounds))
    return folder / f"{name}.json"


def show(part, rounds):
    found = figure.summaries(part.FIGURE, rounds)
    print(f"\n{part.FIGURE.title}")
    for line in figure.as_text(*figure.table(part.FIGURE, found)):
        print(line)
    for sentence in figure.faster(part.FIGURE, found):
        print(sentence)
    print(figure.disk_of(rounds))
