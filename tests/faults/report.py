# SPDX-License-Identifier: MIT
"""The table of faults in docs/reliability.md, between two markers."""

import pathlib
import subprocess
from datetime import datetime, timezone

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- faults: begin -->\n", "<!-- faults: end -->\n"
HEAD = """\
| fault | rounds | mails | what clients got, beside 201 | outcome unknown | \
twice at the relay | all sent after |
|---|---:|---:|---|---:|---:|---:|
"""


def git(*words):
    return subprocess.run(["git", "-C", str(ROOT), *words], text=True,
                          capture_output=True, check=False).stdout.strip()


def when():
    changed = ", with changes" * bool(git("status", "--porcelain", "lib", "cgi",
                                          "worker", "events", "tests"))
    return (f"{datetime.now(timezone.utc):%Y-%m-%d}, commit "
            f"{git('rev-parse', '--short', 'HEAD')}{changed}")


def row(fault, rounds):
    """`rounds`: what was seen in each."""
    answers = sum((seen.answers for seen in rounds), start=type(
        rounds[0].answers)())
    del answers["201"]
    said = ", ".join(f"{status}: {count}"
                     for status, count in sorted(answers.items()))
    return (f"| {fault.what} (`{fault.name}`) | {len(rounds)} "
            f"| {sum(seen.mails for seen in rounds)} | {said} "
            f"| {sum(seen.doubts for seen in rounds)} "
            f"| {sum(seen.twice for seen in rounds)} "
            f"| {max(seen.recovery for seen in rounds):.1f} s |\n")


def table(seen, skipped, seed):
    """`seen`: {fault: rounds}, `skipped`: {fault: why}."""
    rows = [row(fault, rounds) for fault, rounds in seen.items()]
    left_out = [f"\nNot done here: `{fault.name}` ({why}).\n"
                for fault, why in skipped.items()]
    return "".join([f"{when()}, `--seed {seed}`:\n\n", HEAD, *rows, *left_out])


def write(seen, skipped, seed):
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + table(seen, skipped, seed) + END + after)
