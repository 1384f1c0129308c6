# SPDX-License-Identifier: MIT
"""The table of a run, and its file."""

import datetime
import json
import os
import platform
import statistics
import subprocess

from .place import RESULTS, ROOT

OURS = "postrider"


def grouped(rounds):
    names = dict.fromkeys(one["contestant"] for one in rounds)
    return {name: [one for one in rounds if one["contestant"] == name]
            for name in names}


def summary(own, ours):
    """Medians; the ratio is ours to theirs, round by round."""
    rates = [one["rate"] for one in own]
    return {
        "median": statistics.median(rates),
        "least": min(rates),
        "most": max(rates),
        "ours_to_it": statistics.median(
            a["rate"] / b["rate"] for a, b in zip(ours, own)),
        "cpu_us": {name: statistics.median(one["cpu_us"][name] for one in own)
                   for name in own[0]["cpu_us"]},
    }


def summaries(rounds):
    groups = grouped(rounds)
    return {name: summary(own, groups[OURS]) for name, own in groups.items()}


def show(rounds):
    print(f"\n{'':<14}{'mails/s':>9}{'least':>9}{'most':>9}{'ours/it':>9}"
          "  CPU us a mail")
    for name, it in summaries(rounds).items():
        cpu = ", ".join(f"{process} {us:.0f}"
                        for process, us in it["cpu_us"].items())
        print(f"{name:<14}{it['median']:>9.0f}{it['least']:>9.0f}"
              f"{it['most']:>9.0f}{it['ours_to_it']:>8.2f}x  {cpu}")


def commit():
    said = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty",
                           "--abbrev=12", "--exclude=*"], text=True,
                          capture_output=True, check=False)
    return said.stdout.strip() or "unknown"


def machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        model = next((line.split(":", 1)[1].strip() for line in file
                      if line.startswith("model name")), "unknown")
    return {"cpu": model, "cores": os.cpu_count(),
            "kernel": platform.release(),
            "memory_mb": os.sysconf("SC_PHYS_PAGES")
            * os.sysconf("SC_PAGE_SIZE") >> 20}


def save(part, rounds, options):
    now = datetime.datetime.now(datetime.timezone.utc)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{part}.json"
    path.write_text(json.dumps({
        "commit": commit(), "machine": machine(),
        "date": now.isoformat(timespec="seconds"),
        "seconds": options.seconds, "summary": summaries(rounds),
        "rounds": rounds}, indent=1) + "\n")
    print(f"Written to {path.relative_to(ROOT)}.")
