# SPDX-License-Identifier: MIT
"""bench/run.sh's words; `bench/run.sh --help` lists them."""

import argparse
import pathlib
import shlex
import signal
import sys

from stack.trouble import Trouble

from .figure import CONTESTANTS
from .place import RESULTS, ROOT

PARTS = ("api", "worker", "end-to-end", "latency", "delivery", "history",
         "memory", "batch", "connections", "sessions", "backlog", "size",
         "workers")
GROUPS = {"latency": ("latency", "delivery"),
          "scale": ("connections", "sessions", "backlog", "size", "workers"),
          "all": PARTS}

HELP = f"""\
Measures Postrider and its peers in turn on this machine; bench/README.md says
what each part is. PART is one of
  {' '.join(PARTS)}
or a group: latency (with delivery), scale ({', '.join(GROUPS['scale'])}), all;
or publish: write the figures of {RESULTS.relative_to(ROOT)} into the docs."""


def words():
    parser = argparse.ArgumentParser(
        prog="bench/run.sh", description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", default="all", metavar="PART",
                        choices=(*PARTS, *GROUPS, "publish"))
    parser.add_argument("--rounds", type=int, help="instead of each part's own")
    parser.add_argument("--seconds", type=int, default=10,
                        help="of load in each round (10)")
    parser.add_argument("--mails", type=int, default=1000000,
                        help="in the full queue of history, memory, backlog "
                        "(1000000)")
    parser.add_argument("--only", choices=CONTESTANTS,
                        help="this contestant alone")
    parser.add_argument("--seed", type=int, default=1,
                        help="of the order of contestants in a round (1)")
    parser.add_argument("--results", type=pathlib.Path, default=RESULTS,
                        metavar="FOLDER", help="bench/results")
    parser.add_argument("--draft", action="store_true",
                        help="publish: also what no clean commit measured")
    options = parser.parse_args()
    if min(options.rounds or 1, options.seconds, options.mails / 1000) < 1:
        parser.error("at least one round of one second, and 1000 mails")
    options.words = [shlex.quote(word) for word in sys.argv[1:]
                     if word != options.part]
    return options


def fails(call, *given):
    """Whether it does, having told why."""
    try:
        call(*given)
    except Trouble as trouble:
        print(trouble, file=sys.stderr, flush=True)
        return True
    return False


def main():
    options = words()
    # So that all that runs is ended, and its folder removed, here, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Only now: --help must do without the packages that these need.
    from . import publish, rounds
    if options.part == "publish":
        sys.exit(fails(publish.write, PARTS, options.results, options.draft))
    # What one part cannot do does not cost the others.
    names = GROUPS.get(options.part, (options.part,))
    sys.exit(any([fails(rounds.run, name, options) for name in names]))


main()
