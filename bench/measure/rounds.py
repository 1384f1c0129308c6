# SPDX-License-Identifier: MIT
"""All rounds of a part, on a RabbitMQ of its own."""

import argparse
import contextlib
import dataclasses
import importlib
import pathlib
import random
import tempfile
import time

from stack import ports
from stack.rabbitmq import Epmd, RabbitMQ
from stack.stack import Stack

from . import figure, result
from .figure import CONTESTANTS, OURS
from .site import Site


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
