# SPDX-License-Identifier: MIT
"""bench/run.sh's words; `bench/run.sh --help` lists them."""

import argparse
import contextlib
import dataclasses
import importlib
import pathlib
import random
import shlex
import sys
import tempfile
import time

from stack import ports
from stack.rabbitmq import Epmd, RabbitMQ
from stack.stack import Stack
from stack.trouble import Trouble

from . import figure, publish, result
from .figure import CONTESTANTS, OURS
from .place import RESULTS, ROOT
from .site import Site

PARTS = ("api", "worker", "end-to-end", "latency", "delivery", "history",
         "memory", "connections", "sessions", "backlog", "size", "workers")
GROUPS = {"latency": ("latency", "delivery"),
          "scale": ("connections", "sessions", "backlog", "size", "workers"),
          "all": PARTS}

HELP = f"""\
Measures Postrider and its peers in turn on this machine; bench/README.md says
what each part is. PART is one of
  {' '.join(PARTS)}
or a group: latency (with delivery), scale ({', '.join(GROUPS['scale'])}), all;
or publish: write the figures of {RESULTS.relative_to(ROOT)} into the docs."""


@dataclasses.dataclass
class Bench:
    folder: pathlib.Path
    rabbitmq: RabbitMQ
    options: argparse.Namespace

    def site(self, name):
        return Site(name, self.folder, self.rabbitmq)


@contextlib.contextmanager
def bench(options):
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        folder = pathlib.Path(folder)
        at = [ports.free() for _ in range(3)]
        rabbitmq = RabbitMQ(folder / "rabbitmq", *at, dies_with_us=True)
        stack = Stack([Epmd(folder / "rabbitmq", at[1], dies_with_us=True),
                       rabbitmq])
        stack.start()
        try:
            yield Bench(folder, rabbitmq, options)
        finally:
            stack.stop()


def wanted(case, options):
    """A case that is no contestant (a curve, a state) is ours."""
    name = case.name if case.name in CONTESTANTS else OURS
    return options.only in (None, name)


def run(name, options):
    """All rounds of one part; the cases of each in an order of its own."""
    part = importlib.import_module(f".parts.{name.replace('-', '_')}",
                                   __package__)
    cases = [case for case in part.cases(options) if wanted(case, options)]
    if not cases:
        print(f"{name}: {options.only} has no part in it.\n")
        return
    chance = random.Random(options.seed)
    rounds, began = [], time.monotonic()
    with bench(options) as place:
        for number in range(options.rounds or part.FIGURE.rounds):
            seen = {}
            for case in chance.sample(cases, len(cases)):
                seen[case] = [{"round": number} | case._asdict() | row
                              for row in part.measure(case, place)]
                tell(name, seen[case], part.FIGURE)
            rounds += [row for case in cases for row in seen[case]]
    result.show(part, rounds)
    path = result.save(name, part, rounds, options)
    print(f"Written to {path} after {time.monotonic() - began:.0f} s.\n",
          flush=True)


def tell(name, rows, shown):
    for row in rows:
        at = row["at"]
        where = f" at {figure.number(at)} {shown.axis}" if at else ""
        print(f"{name} round {row['round'] + 1}: {row['name']}{where}: "
              f"{figure.number(row[shown.metric])} {shown.unit}", flush=True)


def words():
    parser = argparse.ArgumentParser(
        prog="bench/run.sh", description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", default="all", metavar="PART",
                        choices=(*PARTS, *GROUPS, "publish", "batch"))
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


def main():
    options = words()
    if options.part == "batch":
        print("batch: the API takes no batches yet.", file=sys.stderr)
        sys.exit(2)
    try:
        if options.part == "publish":
            publish.write(PARTS, options.results, options.draft)
            return
        for name in GROUPS.get(options.part, (options.part,)):
            run(name, options)
    except Trouble as trouble:
        sys.exit(str(trouble))


main()
