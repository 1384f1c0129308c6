# SPDX-License-Identifier: MIT
"""
summary.py RESULTS SECONDS: what ctest's exit code does not say. Prints the
minutes per label; fails for a test that did not run and is not in skips.txt,
and for a whole run beyond its budget.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as xml

import skips

LIMIT = 40  # minutes, of which 25 are the budget


def not_run(junit):
    """Names of the tests that were skipped, disabled or not found."""
    return [case.get("name") for case in xml.parse(junit).iter("testcase")
            if case.get("status") in ("notrun", "disabled")]


def label_minutes(log):
    """[(label, minutes)] out of ctest's Label Time Summary."""
    line = re.compile(r"^(\S+) += +([\d.]+) sec\*proc", re.M)
    return [(label, float(seconds) / 60)
            for label, seconds in line.findall(log)]


def main(results, seconds):
    results = pathlib.Path(results)
    faults = []
    if not (results / "junit.xml").exists():
        faults.append("ctest wrote no results")
    else:
        reasons = skips.allowed()
        for name in not_run(results / "junit.xml"):
            if name in reasons:
                print(f"skipped: {name}: {reasons[name]}")
            else:
                faults.append(f"{name} did not run; tests/skips.txt gives no "
                              f"reason")
        for label, minutes in label_minutes(
                (results / "ctest.log").read_text(errors="replace")):
            print(f"{minutes:7.1f} min  {label}")
    minutes = seconds / 60
    print(f"{minutes:7.1f} min  build and tests")
    if minutes > LIMIT:
        faults.append(f"more than {LIMIT} minutes")
    for fault in faults:
        print(f"FAILED: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
