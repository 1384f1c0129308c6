#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Does one fault after the other to a whole stack under load, and asserts after
each that no mail was lost or sent twice. What ./test.sh faults does.
"""

import argparse
import itertools
import pathlib
import random
import shutil
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "stories"),
                str(HERE.parents[1] / "deploy")]

import leftovers
import report
import skips
from fault import Fault
from rig import BUILD
from round import Round
from scene import Scene
from shared_rabbitmq import Broker
import table


def words():
    parser = argparse.ArgumentParser(prog="./test.sh faults",
                                     description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=2,
                        help="of each fault (%(default)s)")
    parser.add_argument("--only", metavar="NAME,...", type=table.chosen,
                        default=table.FAULTS, help="faults, or groups of them: "
                        + "; ".join(f"{group}: " + " ".join(
                            fault.name for fault in faults)
                            for group, faults in table.GROUPS.items()))
    parser.add_argument("--seed", type=int, default=random.randrange(10 ** 6),
                        help="repeats the moments and choices of another run")
    parser.add_argument("--report", action="store_true",
                        help="write what was seen into docs/reliability.md")
    parser.add_argument("--long", action="store_true",
                        help="outages of 30 s and more, as they come")
    return parser.parse_args()


class Run:
    def __init__(self, given, folder, rabbitmq):
        self.given = given
        self.folder = folder
        self.rabbitmq = rabbitmq
        self.seen = {}  # {fault: of each round}
        self.skipped = {}  # {fault: why}
        self.failed = []

    def all(self):
        """Faults in a row that ask for the same scene share it."""
        for _, faults in itertools.groupby(self.possible(), Fault.scene):
            waiting = list(faults)
            while waiting:
                waiting = self.on_one_scene(waiting)

    def possible(self):
        for fault in self.given.only:
            lacks = fault.lacks()
            if not lacks:
                yield fault
                continue
            print(f"{fault.name:<18} skipped: {lacks}", flush=True)
            self.skipped[fault] = lacks
            if f"faults.{fault.name}" not in skips.allowed():
                print("tests/skips.txt gives no reason")
                self.failed.append(fault.name)

    def on_one_scene(self, faults):
        """Returns those that are left after the first that failed."""
        folder = self.folder / faults[0].name
        folder.mkdir(parents=True)
        scene = Scene(folder, self.rabbitmq, faults[0], self.given.long)
        fine = False
        try:
            scene.start()
            for at, fault in enumerate(faults, 1):
                if not self.rounds(fault, scene):
                    self.failed.append(fault.name)
                    return faults[at:]
            fine = True
        finally:
            scene.rig.keep = not fine
            self.end(scene, faults)
        return []

    def end(self, scene, faults):
        try:
            scene.stop()
        except AssertionError as fault:
            self.failed.append(faults[0].name)
            print(f"FAILED: what did not end well: {fault}", flush=True)

    def rounds(self, fault, scene):
        """False after the first that failed."""
        return all(self.a_round(fault, scene, number)
                   for number in range(1, self.given.rounds + 1))

    def a_round(self, fault, scene, number):
        chance = random.Random(f"{self.given.seed} {fault.name} {number}")
        began = time.monotonic()
        it = Round(fault, scene, chance, f"{fault.name}-r{number}")
        fine = it.run()
        self.seen.setdefault(fault, []).append(it.seen)
        print(f"{fault.name:<18} {number:>3}  {it.seen}  "
              f"{time.monotonic() - began:.1f} s", flush=True)
        if not fine:
            print(it.story(), f"its logs: {scene.rig.folder}",
                  f"to repeat: tests/faults/run.py --seed {self.given.seed} "
                  f"--only {fault.name} {number}", sep="\n", flush=True)
        return fine


def main():
    given = words()
    print(f"{len(given.only)} faults, {given.rounds} rounds each, "
          f"--seed {given.seed}", flush=True)
    leftovers.mark()
    folder = BUILD / "faults" / f"{given.only[0].name}.{len(given.only)}"
    shutil.rmtree(folder, ignore_errors=True)
    broker = Broker.new(folder / "rabbitmq", dies_with_us=True)
    run = Run(given, folder, broker.rabbitmq)
    try:
        run.all()
    finally:
        broker.stack.stop()
    left = leftovers.find()
    print(*left, sep="\n")
    if run.failed or left:
        print(f"FAILED: {', '.join(run.failed)}  --seed {given.seed}")
        return 1
    shutil.rmtree(folder)
    if given.report:
        report.write(run.seen, run.skipped, given.seed)
        print(f"written to {report.PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
