# SPDX-License-Identifier: MIT
"""
What systemd says to the units, with the built programs in the place of the
installed ones:
    units.py FOLDER PROGRAM...
"""

import pathlib
import re
import subprocess
import sys
import tempfile

EXPOSURE = 2.0  # of 10, by systemd-analyze(1)
EXPECTED = {"postrider-api", "postrider-events", "postrider-worker@"}


def analyze(*words):
    return subprocess.run(["systemd-analyze", *words], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def exposure(unit):
    """As a number, or what was said in place of one."""
    said = analyze("security", "--offline=true", "--no-pager", unit).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    return float(found[1]) if found else said


def faults(unit):
    verified = analyze("verify", "--man=no", unit)
    if verified.returncode or verified.stdout:
        yield f"verify: {verified.stdout.strip() or verified.returncode}"
    level = exposure(unit)
    if not isinstance(level, float) or level > EXPOSURE:
        yield f"exposure: {level}"


def with_programs(text, programs):
    for program in programs:
        name = re.escape(pathlib.Path(program).name)
        text = re.sub(rf"(?<=[ =])/\S*/{name}\b", program, text)
    return text


def main(folder, *programs):
    units = sorted(pathlib.Path(folder).glob("*.service"))
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for unit in units:
            copy = pathlib.Path(scratch) / unit.name
            copy.write_text(with_programs(unit.read_text(), programs))
            found += [f"{unit.name}: {fault}" for fault in faults(copy)]
    if (missing := EXPECTED - {unit.stem for unit in units}):
        found.append(f"not there: {missing}")
    print("\n".join(found) or f"{len(units)} units are well")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
