#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
run.py [--built FOLDER] [--write] programs|sizes|stack|memory|traced|all: counts what a mail costs,
shows it beside limits.txt, and fails where they differ by too much. --write
puts what was seen into limits.txt instead.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]

import limits

PARTS = ("programs", "sizes", "stack", "memory", "traced")


def count(part, built):
    if part == "programs":
        import programs as counter
    elif part == "traced":
        import traced as counter
    elif part == "sizes":
        import sizes as counter
    elif part == "memory":
        import memory as counter
    else:
        import stack_costs as counter
    return counter.count(built)


def part_of(name):
    if whose(name) == "traced":
        return "traced"
    if name.endswith(".copies"):
        return "memory"
    if name.endswith("_a_byte"):
        return "sizes"
    return "stack" if whose(name) in (
        "api", "api_busy", "worker", "redis") else "programs"


def whose(name):
    return name.partition(".")[0]


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--built", type=pathlib.Path,
                       default=ROOT / "build" / "dev" / "tests" / "cost")
    words.add_argument("--write", action="store_true")
    words.add_argument("part", choices=(*PARTS, "all"))
    given = words.parse_args()
    parts = PARTS if given.part == "all" else (given.part,)
    seen, looks = {}, {}
    for part in parts:
        figures, how = count(part, given.built)
        seen |= figures
        looks |= how
    text = limits.FILE.read_text()
    known = {name: limit for name, limit in limits.read(text).items()
             if part_of(name) in parts}
    for name, value in seen.items():
        limit = f"{limits.number(known[name].most):>9}" if name in known else ""
        print(f"{name:<33} {limits.number(value):>9} {limit}")
    if given.write:
        limits.FILE.write_text(limits.rewritten(text, seen))
        missing = sorted(seen.keys() - known.keys())
        print(f"written to {limits.FILE}; see what git diff says"
              + f". Rows to add by hand: {', '.join(missing)}" * bool(missing))
        return 0
    faults = limits.compare(seen, known)
    tell(faults, looks)
    if faults:
        print("\nIf that is as it should be: tests/cost/run.py --write "
              f"{given.part}")
    return 1 if faults else 0


def tell(faults, looks):
    for fault in faults:
        name = fault.partition(":")[0]
        print(f"\nFAILED: {fault}")
        if name in looks:
            print(f"  to look: {looks[name]}")


if __name__ == "__main__":
    sys.exit(main())
