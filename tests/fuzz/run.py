# SPDX-License-Identifier: MIT
"""
run.py BUILD [SECONDS [TARGET...]]: what ./test.sh fuzz does. Lets libFuzzer run
each target for so long (30 s), two at a time, from the committed corpus and what
earlier runs have added to BUILD/corpus; then asks the oracles in Python. Fails
for what was found, and keeps the input in BUILD/found.
FUZZ_SEED in the environment repeats an earlier run's seed.
"""

import concurrent.futures
import os
import pathlib
import random
import re
import subprocess
import sys
import time

import replay

HERE = pathlib.Path(__file__).parent
AT_ONCE = 2
INPUT_MAX = 9000  # bytes: more than the longest line of any rule
INPUT_SECONDS = 10  # an input that takes longer is a finding
MEMORY_MB = 1024
ORACLE_INPUTS = 2000  # of a grown corpus
# Of what a sanitizer says: the fault, and the way there through our sources.
SAID = r"not so:|ERROR:|runtime error:|^ +#\d+ .*/(lib|cgi|worker|events|tests)/\S+\.c:"


class Target:
    def __init__(self, program, build):
        self.program = program
        self.noun = program.name.removeprefix("fuzz_")
        self.grown = build / "corpus" / self.noun
        self.found = build / "found"
        self.corpora = [self.grown, HERE / "corpus" / self.noun]

    def command(self, seconds, seed):
        options = {"max_total_time": seconds, "seed": seed,
                   "max_len": INPUT_MAX, "timeout": INPUT_SECONDS,
                   "rss_limit_mb": MEMORY_MB, "print_final_stats": 1,
                   "artifact_prefix": f"{self.found}/{self.noun}-"}
        words = HERE / f"{self.noun}.dict"
        if words.exists():
            options["dict"] = words
        return [self.program, *(f"-{name}={value}"
                                for name, value in options.items()),
                *self.corpora]

    def fuzz(self, seconds, seed):
        """(a line to print, executions, texts of what was found)."""
        self.grown.mkdir(parents=True, exist_ok=True)
        self.found.mkdir(parents=True, exist_ok=True)
        ran = subprocess.run(self.command(seconds, seed), check=False,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, errors="replace")
        executed = stat(ran.stderr, "number_of_executed_units")
        covered = re.findall(r" cov: (\d+) ", ran.stderr)
        line = (f"{self.noun:10} {executed:>10} executions  "
                f"{covered[-1] if covered else 0:>6} covered  "
                f"{stat(ran.stderr, 'new_units_added'):>6} new inputs")
        wrong = [] if ran.returncode == 0 else [self.crash(ran)]
        return line, executed, wrong or self.ask_python(seed)

    def crash(self, ran):
        kept = re.findall(r"Test unit written to (\S+)", ran.stderr)
        said = [line for line in ran.stderr.splitlines()
                if re.search(SAID, line)]
        return "\n".join([*said[:20], f"exit code {ran.returncode}; to see "
                          "it again:", f"{self.program} "
                          f"{kept[-1] if kept else '(no input was kept)'}"])

    def ask_python(self, seed):
        inputs = sorted(path for corpus in self.corpora
                        for path in corpus.iterdir())
        if len(inputs) > ORACLE_INPUTS:
            inputs = random.Random(seed).sample(inputs, ORACLE_INPUTS)
        return replay.found_wrong(self.program, inputs)


def stat(text, name):
    found = re.search(rf"^stat::{name}: +(\d+)", text, re.M)
    return int(found.group(1)) if found else 0


def targets(build, nouns):
    programs = sorted(build.glob("tests/fuzz/fuzz_*"))
    programs = [path for path in programs if os.access(path, os.X_OK)]
    found = [Target(path, build) for path in programs]
    unknown = set(nouns) - {target.noun for target in found}
    if unknown or not found:
        sys.exit(f"no fuzz target: {', '.join(sorted(unknown)) or build}")
    return [target for target in found if not nouns or target.noun in nouns]


def main(build, seconds="30", *nouns):
    if not re.fullmatch(r"[1-9]\d{0,5}", seconds):
        sys.exit(f"{seconds} is no number of seconds")
    chosen = targets(pathlib.Path(build).resolve(), nouns)
    seed = int(os.environ.get("FUZZ_SEED", random.randrange(1, 1 << 31)))
    began = time.monotonic()
    print(f"Fuzzing {len(chosen)} targets for {seconds} s each, {AT_ONCE} at "
          f"a time; FUZZ_SEED={seed}", flush=True)
    total = failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for line, executed, wrong in pool.map(
                lambda target: target.fuzz(seconds, seed), chosen):
            print(line, *wrong, sep="\n", flush=True)
            total += executed
            failed += bool(wrong)
    print(f"{len(chosen)} targets, {total} executions, "
          f"{time.monotonic() - began:.0f} s: "
          + (f"{failed} FAILED" if failed else "nothing found"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
