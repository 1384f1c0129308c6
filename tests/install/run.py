#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Installs Postrider as users do, and looks what becomes of mail, of the host and
of what others have there: the packages on Debian 12 and 13, booted by
systemd-nspawn, the images of compose.yaml, and a cluster of RabbitMQ nodes.
What ./test.sh install does.
"""

import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))

import packages
from story import Story
import trees

TOOLS = ("containers", "cluster")  # of the folder of that name
SUITES = (*trees.RELEASES, *TOOLS)


def words():
    parser = argparse.ArgumentParser(
        prog="./test.sh install", description=__doc__,
        epilog=f"POSTRIDER_TREES: the folder where systems and packages are "
        f"kept between runs ({trees.FOLDER}); what you delete there is made "
        f"anew. The older version is git's {packages.PREVIOUS}.")
    parser.add_argument("suites", nargs="*", choices=[*SUITES, []],
                        metavar="SUITE", help=" ".join(SUITES) + " (all)")
    return parser.parse_args()


def on(release):
    now, following = packages.current(release)
    Story(release, {"now": now, "next": following,
                    "previous": packages.previous(release)}).run()


def main():
    suites = words().suites or SUITES
    if os.geteuid():
        sys.exit("./test.sh install: only root can boot a system; try sudo.")
    failed = []
    for suite in suites:
        try:
            if suite in TOOLS:
                subprocess.run([HERE.parent / suite / "run.sh"], check=True)
            else:
                on(suite)
        except (trees.Failed, subprocess.CalledProcessError) as error:
            said = str(error)  # a build's reason stands at its end
            print(f"{suite}: {said[:200]}\n{said[-2000:]}", flush=True)
            failed.append(suite)
    for suite in suites:
        print(f"{suite}: {'FAILED' if suite in failed else 'passed'}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
