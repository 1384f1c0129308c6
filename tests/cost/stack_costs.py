# SPDX-License-Identifier: MIT
"""
What a mail costs the whole stack: system calls of the API and the worker (by
strace), commands of Redis (its commandstats: those within scripts, too), and
its memory a queued mail. The services are a story's rig, with the programs
that are built as `release`.

`api` gets its mails one by one, so that every one is a commit of its own: the
most that it costs. `api_busy` gets sixteen at a time. The worker finds a queue
full of them.
"""

import contextlib
import os
import pathlib
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import redis

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "stories"), str(TESTS.parent / "deploy")]

WARM_UP = 40
ONE_BY_ONE = 200
QUEUED = 2000
AT_ONCE = 16
TEXT = "Your order 4711 has left our warehouse and is on its way.\n" * 16
# Nothing that happens by the clock, but what no setting can end.
SETTINGS = {"SWEEP_INTERVAL": "1h", "LEASE_TTL": "10m", "OUTBOX_AFTER": "1h",
            "LOG_LEVEL": "info"}


def count(built):
    """({figure: number}, {figure: how to look at it})."""
    with contextlib.ExitStack() as ends:
        return Costs(rig_of(built, ends), built).count()


def rig_of(built, ends):
    """Of the programs there; it is not started, and `ends` ends it."""
    os.environ["POSTRIDER_BUILD"] = str(built)
    from rig import Rig
    from shared_rabbitmq import rabbitmq_of_run

    place = pathlib.Path(ends.enter_context(tempfile.TemporaryDirectory()))
    rabbitmq = rabbitmq_of_run(place / "rabbitmq", ends)
    rig = Rig(place / "rig", rabbitmq, SETTINGS)
    rig.folder.mkdir()
    ends.callback(rig.stop)
    return rig


def knows_no_relay(url):
    """The worker has all that it needs but a relay: it claims nothing."""
    from stack.answer import ask
    try:
        health = ask("GET", f"{url}/health").json["dependencies"]
    except (OSError, ValueError, KeyError):
        return False
    down = {name for name, it in health.items() if it["status"] != "up"}
    return health["smtp"]["status"] == "down" and down == {"smtp"}


class Costs:
    def __init__(self, rig, built):
        self.rig = rig
        self.built = built
        self.store = redis.Redis.from_url(rig.redis.url)
        self.posted = 0
        self.seen = {}
        self.looks = {}

    def count(self):
        self.rig.stack.services.remove(self.rig.worker)
        self.rig.start()
        self.post(WARM_UP, 1)
        self.count_api()
        self.count_busy_api()
        self.rig.stack.services.append(self.rig.worker)
        self.count_worker()
        return self.seen, self.looks

    def post(self, mails, at_once):
        with ThreadPoolExecutor(at_once) as posters:
            ids = list(posters.map(self.send, range(mails)))
        self.posted += len(ids)
        return ids

    def send(self, number):
        return self.rig.client.send(
            to=["ann.reader@example.com", f"reader-{number:05}@example.org"],
            subject="Your order 4711 is on its way", body=TEXT)

    # -- the parts

    def count_api(self):
        with self.counting("api", self.rig.api.pid, ONE_BY_ONE):
            self.post(ONE_BY_ONE, 1)

    def count_busy_api(self):
        before = self.kept()
        with self.counting("api_busy", self.rig.api.pid, QUEUED):
            ids = self.post(QUEUED, AT_ONCE)
        used = self.kept() - before
        payload = sum(self.store.hstrlen(f"job:{one}", "payload")
                      for one in ids)
        self.seen["redis.bytes_queued"] = (used - payload) / QUEUED
        self.looks["redis.bytes_queued"] = (
            "redis-cli --bigkeys, MEMORY USAGE job:ID, INFO memory")

    def kept(self):
        """Memory that Redis takes, less its buffers of the moment: how many
        of the API's connections have one is chance."""
        memory = self.store.info("memory")
        return (memory["used_memory"] - memory["mem_clients_normal"]
                - memory["mem_aof_buffer"])

    def count_worker(self):
        rig = self.rig
        rig.sink.down()
        rig.worker.ready = lambda: knows_no_relay(rig.worker.url)
        rig.worker.start()
        with self.counting("worker", rig.worker.pid, self.posted):
            rig.sink.listen()
            rig.sink.wait(self.posted, 60)
            self.wait_settled()

    def wait_settled(self):
        deadline = time.monotonic() + 30
        while self.store.zcard("jobs:due"):
            assert time.monotonic() < deadline, "mails are not settled"
            time.sleep(0.05)

    @contextlib.contextmanager
    def counting(self, name, pid, mails):
        """System calls of `pid`, and all commands, while that many go by."""
        from syscalls import Trace, counted

        trace = Trace(pid, self.built / f"strace.{name}", "-c")
        self.store.config_resetstat()
        try:
            yield
            stats = self.store.info("commandstats")
        finally:
            calls = counted(trace.end())
        commands = {command.removeprefix("cmdstat_"): row["calls"]
                    for command, row in stats.items()
                    if not command.startswith(("cmdstat_info", "cmdstat_conf"))}
        self.add(f"{name}.syscalls", calls, mails,
                 f"strace -f -c -p PID; it said {trace.path}")
        self.add(f"{name}.redis_commands", commands, mails,
                 "redis-cli INFO commandstats")
        self.seen[f"{name}.redis_scripts"] = commands["evalsha"] / mails

    def add(self, figure, counts, mails, how):
        self.seen[figure] = sum(counts.values()) / mails
        most = sorted(counts.items(), key=lambda it: -it[1])[:12]
        parts = ", ".join(f"{name} {calls / mails:.2f}" for name, calls in most)
        self.looks[figure] = f"{how}; a mail: {parts}"
