#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Does one fault after the other to a whole stack under load, and asserts after
each that no mail was lost or sent twice. What ./test.sh faults does.
"""

import argparse
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
import skips
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
    parser.add_argument("--long", action="store_true",
                        help="outages of 30 s and more, as they come")
    return parser.parse_args()


class Run:
    def __init__(self, given, folder, rabbitmq):
        self.given = given
        self.folder = folder
        self.rabbitmq = rabbitmq
        self.failed = []

    def all(self):
        for fault in self.given.only:
            lacks = fault.lacks()
            if lacks:
                print(f"{fault.name:<18} skipped: {lacks}", flush=True)
                if f"faults.{fault.name}" not in skips.allowed():
                    print("tests/skips.txt gives no reason")
                    self.failed.append(fault.name)
            elif not self.one(fault):
                self.failed.append(fault.name)

    def one(self, fault):
        """All rounds of it, on one scene. False after the first that failed."""
        folder = self.folder / fault.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        scene = Scene(folder, self.rabbitmq, fault, self.given.long)
        fine = True
        try:
            scene.start()
            for number in range(1, self.given.rounds + 1):
                fine = self.a_round(fault, scene, number)
                if not fine:
                    break
        finally:
            scene.rig.keep = not fine
            scene.stop()
        return fine

    def a_round(self, fault, scene, number):
        chance = random.Random(f"{self.given.seed} {fault.name} {number}")
        began = time.monotonic()
        it = Round(fault, scene, chance, f"{fault.name}-r{number}")
        fine = it.run()
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
