# SPDX-License-Identifier: MIT
"""
What traces add to a mail, in API and worker, with every mail sampled: a whole
stack with and without them, its programs under callgrind (instructions, all
threads) and under strace (system calls). The most that is allowed is a promise
of docs/protocol.md, which limits.txt cannot raise: 10 % more instructions, two
system calls.

The API gets its mails one by one; the worker finds a queue full of them.
"""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import redis

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "stories"), str(TESTS.parent / "deploy")]

WARM_UP = 20
MAILS = 512  # some whole batches of spans
TEXT = "Your order 4711 has left our warehouse and is on its way.\n" * 16
# Nothing that happens by the clock; batches are sent when they are full.
SETTINGS = {"SWEEP_INTERVAL": "1h", "LEASE_TTL": "10m", "OUTBOX_AFTER": "1h",
            "LOG_LEVEL": "info", "SMTP_CONNECTIONS": "2", "REDIS_TIMEOUT": "30s",
            "ACCEPT_TIMEOUT": "30s", "OTEL_BSP_SCHEDULE_DELAY": "600000"}
PROMISED = {"instructions": 10, "syscalls": 2}  # % more; more
TOTAL = re.compile(r"^totals: (\d+)", re.M)


def count(built):
    """({figure: number}, {figure: how to look at it})."""
    os.environ["POSTRIDER_BUILD"] = str(built)
    from collector import Collector
    from rig import Rig
    from shared_rabbitmq import rabbitmq_of_run

    with contextlib.ExitStack() as ends:
        place = pathlib.Path(ends.enter_context(tempfile.TemporaryDirectory()))
        rabbitmq = rabbitmq_of_run(place / "rabbitmq", ends)
        collector = Collector()
        ends.callback(collector.stop)
        seen = {}
        for name, given in (
                ("off", {}), ("on", {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})):
            for counter in (Instructions, SystemCalls):
                rig = Rig(place / f"{name}-{counter.what}", rabbitmq,
                          SETTINGS | given)
                rig.folder.mkdir()
                with contextlib.closing(Ended(rig)):
                    for part, cost in Costs(rig, built, name, counter).count():
                        seen[part, counter.what, name] = cost
        told = len(collector.spans()) / (2 * (MAILS + WARM_UP))
        assert told > 4.9, f"{told:.2f} spans a mail were told, not 5"
    return compare(seen, built)


class Ended:
    def __init__(self, rig):
        self.close = rig.stop


def compare(seen, built):
    figures, looks, broken = {}, {}, []
    for part in ("api", "worker"):
        for what, promised in PROMISED.items():
            off, on = seen[part, what, "off"], seen[part, what, "on"]
            more = (on / off - 1) * 100 if what == "instructions" else on - off
            print(f"{part}: {off:.2f} {what} a mail without traces, "
                  f"{on:.2f} with them")
            if more > promised:
                broken.append(f"{part}: {more:.2f} more {what}; {promised} "
                              "are promised")
            if what == "instructions":
                name = f"traced.{part}.more_{what}"
                figures[name] = more
                looks[name] = (f"callgrind_annotate {built}/{what}.{part}.on.1, "
                               "and .off.1")
    assert not broken, broken
    return figures, looks


class Instructions:
    """Of a program that runs under callgrind, between two moments."""

    what = "instructions"

    def __init__(self, path):
        self.path = path
        for old in path.parent.glob(f"{path.name}*"):
            old.unlink()

    def wrapped(self, argv):
        return ["valgrind", "--tool=callgrind", "--separate-threads=no",
                f"--callgrind-out-file={self.path}", *argv]

    def begin(self, pid):
        control("-z", pid)

    def end(self, pid):
        control("-d", pid)
        [dump] = self.path.parent.glob(f"{self.path.name}.*")
        return int(TOTAL.search(dump.read_text()).group(1))


def control(*words):
    subprocess.run(["callgrind_control", *map(str, words)], check=True,
                   capture_output=True, timeout=60)


class SystemCalls:
    what = "syscalls"

    def __init__(self, path):
        self.path = path

    def wrapped(self, argv):
        return argv

    def begin(self, pid):
        from syscalls import Trace
        self.trace = Trace(pid, self.path, "-c")

    def end(self, pid):
        from syscalls import counted
        return sum(counted(self.trace.end()).values())


class Costs:
    def __init__(self, rig, built, name, counter):
        self.rig = rig
        self.store = redis.Redis.from_url(rig.redis.url)
        self.counters = {}
        for service in (rig.api, rig.worker):
            counted = counter(built / f"{counter.what}.{service.name}.{name}")
            self.counters[service] = counted
            service.argv = self.wrapped(service.argv, counted)
            service.patience = 120.0

    @staticmethod
    def wrapped(argv, counter):
        return lambda: counter.wrapped(list(map(str, argv())))

    def count(self):
        rig = self.rig
        rig.stack.services.remove(rig.worker)
        rig.start()
        self.post(WARM_UP)
        yield "api", self.counted(rig.api, lambda: self.post(MAILS))
        rig.stack.services.append(rig.worker)
        rig.sink.down()
        rig.worker.ready = self.knows_no_relay
        rig.worker.start()
        yield "worker", self.counted(rig.worker, self.send_all)

    def knows_no_relay(self):
        from stack_costs import knows_no_relay
        return knows_no_relay(self.rig.worker.url)

    def counted(self, service, work):
        counter = self.counters[service]
        counter.begin(service.pid)
        work()
        return counter.end(service.pid) / MAILS

    def post(self, mails):
        for number in range(mails):
            self.rig.client.send(
                to=["ann.reader@example.com", f"reader-{number:05}@example.org"],
                subject="Your order 4711 is on its way", body=TEXT)

    def send_all(self):
        self.rig.sink.listen()
        self.rig.sink.wait(MAILS + WARM_UP, 300)
        deadline = time.monotonic() + 120
        while self.store.zcard("jobs:due"):
            assert time.monotonic() < deadline, "mails are not settled"
            time.sleep(0.05)
