# SPDX-License-Identifier: MIT
"""
Instructions and bytes of heap a mail, of the programs cost_<name>: valgrind
counts a run with 2 N mails and one with N; the difference over N is a mail's,
without what it costs to start.
"""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

N = 200
RUNS = (("codec", "plain"), ("request", "plain"), ("request", "quoted"),
        ("mime", "plain"), ("mime", "quoted"), ("mime", "file"), ("session", "plain"))
INSTRUCTIONS = re.compile(r"Collected : (\d+)")
BYTES = re.compile(r"total heap usage: .* ([\d,]+) bytes allocated")


class Uncounted(Exception):
    """Never a reason to skip: what is not counted is not guarded."""


def valgrind(options, program, pattern):
    """The number that it tells at its end."""
    words = ["valgrind", *options, *map(str, program)]
    try:
        run = subprocess.run(words, text=True, capture_output=True, check=False)
    except OSError as fault:
        raise Uncounted(f"valgrind cannot be started: {fault}") from fault
    found = pattern.search(run.stderr)
    if run.returncode != 0 or not found:
        raise Uncounted(f"{' '.join(words)}: exit {run.returncode}\n"
                        f"{run.stderr}")
    return int(found.group(1).replace(",", ""))


def instructions(built, name, kind, mails):
    return valgrind(
        ["--tool=callgrind",
         f"--callgrind-out-file={profile(built, name, kind)}"],
        [built / f"cost_{name}", str(mails), *kind.split()], INSTRUCTIONS)


def heap_bytes(built, name, kind, mails):
    """Memcheck's own findings are faults, too."""
    return valgrind(
        ["--tool=memcheck", "--leak-check=no", "--error-exitcode=9"],
        [built / f"cost_{name}", str(mails), *kind.split()], BYTES)


def profile(built, name, kind):
    return built / f"callgrind.{name}.{kind.replace(' ', '.')}"


def per_mail(what, built, name, kind):
    few = what(built, name, kind, N)
    return (what(built, name, kind, 2 * N) - few) / N


def count(built):
    """({figure: number}, {figure: how to look at it})."""
    figures = [(f"{name}.{kind}.{what.__name__}", (what, built, name, kind))
               for what in (instructions, heap_bytes) for name, kind in RUNS]
    with ThreadPoolExecutor(2) as pool:
        counts = [(figure, pool.submit(per_mail, *run))
                  for figure, run in figures]
        seen = {figure: count.result() for figure, count in counts}
    return seen, {figure: look(*run) for figure, run in figures}


def look(what, built, name, kind):
    if what is instructions:
        return f"callgrind_annotate --inclusive=yes {profile(built, name, kind)}"
    return f"valgrind --tool=dhat {built}/cost_{name} {N} {kind}"
