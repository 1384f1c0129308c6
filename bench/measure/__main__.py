# SPDX-License-Identifier: MIT
"""bench/run.sh's words; `bench/run.sh --help` lists them."""

import argparse
import contextlib
import importlib
import pathlib
import sys
import tempfile

from stack import ports
from stack.rabbitmq import Epmd, RabbitMQ
from stack.stack import Stack
from stack.trouble import Trouble

from . import result

PARTS = ("api", "worker")


@contextlib.contextmanager
def broker(folder):
    at = [ports.free() for _ in range(3)]
    rabbitmq = RabbitMQ(folder, *at, dies_with_us=True)
    stack = Stack([Epmd(folder, at[1], dies_with_us=True), rabbitmq])
    stack.start()
    try:
        yield rabbitmq
    finally:
        stack.stop()


def run(part, options):
    part_of = importlib.import_module(f".{part}", __package__)
    rounds = []
    with tempfile.TemporaryDirectory(prefix="bench") as place:
        place = pathlib.Path(place)
        with broker(place / "rabbitmq") as rabbitmq:
            for number in range(options.rounds):
                for name in part_of.CONTESTANTS:
                    seen = part_of.measure(name, place, rabbitmq,
                                           options.seconds)
                    rounds.append({"round": number} | seen)
                    print(f"{part} round {number + 1}: {name} "
                          f"{seen['rate']:.0f} mails/s", flush=True)
    result.show(rounds)
    result.save(part, rounds, options)


def main():
    parser = argparse.ArgumentParser(
        prog="bench/run.sh", description="Measures Postrider and its peers in "
        "turn on this machine. Still to come: batch, history, memory, scale "
        "and latency under a given load.")
    parser.add_argument("part", nargs="?", default="all",
                        choices=(*PARTS, "all"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10,
                        help="of load, each round (worker: in which its queue fills)")
    options = parser.parse_args()
    if min(options.rounds, options.seconds) < 1:
        parser.error("at least one round of one second")
    try:
        for part in PARTS if options.part == "all" else (options.part,):
            run(part, options)
    except Trouble as trouble:
        sys.exit(str(trouble))


main()
