# SPDX-License-Identifier: MIT
"""
One RabbitMQ for all stories of a ctest run; each has a vhost of its own in it.
    shared_rabbitmq.py start|stop FOLDER
"""

import json
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "deploy"))

from stack import ports
from stack.rabbitmq import Epmd, RabbitMQ
from stack.stack import Stack


class Broker:
    """RabbitMQ and its epmd, in a folder that is theirs."""

    def __init__(self, folder, at, **how):
        self.rabbitmq = RabbitMQ(folder, at["rabbitmq"], at["epmd"], at["dist"],
                                 **how)
        self.stack = Stack([Epmd(folder, at["epmd"], **how), self.rabbitmq])

    @classmethod
    def new(cls, folder, **how):
        at = {name: ports.free() for name in ("rabbitmq", "epmd", "dist")}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ports.json").write_text(json.dumps(at))
        broker = cls(folder, at, **how)
        broker.stack.start()
        return broker

    @classmethod
    def running(cls, folder):
        """That of an earlier start, or None."""
        try:
            at = json.loads((folder / "ports.json").read_text())
        except OSError:
            return None
        broker = cls(folder, at)
        return broker if broker.rabbitmq.alive() else None


def stop(folder):
    broker = Broker.running(folder)
    if broker:
        broker.stack.stop()
    shutil.rmtree(folder, ignore_errors=True)


def rabbitmq_of_run(folder, ends):
    """That of the ctest run; else a new one in the folder, which `ends` ends."""
    shared = os.environ.get("STORIES_RABBITMQ")
    broker = Broker.running(pathlib.Path(shared)) if shared else None
    if not broker:
        ends.callback(stop, folder)
        broker = Broker.new(folder, dies_with_us=True)
    return broker.rabbitmq


if __name__ == "__main__":
    place = pathlib.Path(sys.argv[2])
    stop(place)
    if sys.argv[1] == "start":
        Broker.new(place)
