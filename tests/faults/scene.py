# SPDX-License-Identifier: MIT
"""
Where a fault happens: a rig of the stories with two workers, and a proxy on
each link between two programs.
"""

import pathlib
import random
import time

import redis
from databases import SqliteFile
from disk import Disk
from follower import Follower
from proxy import Proxy
from rig import Rig
from stack.answer import ask, says_ok

# Short waits, so that a short round sees each of them end.
SETTINGS = {
    "ACCEPT_TIMEOUT": "1s",
    "REDIS_TIMEOUT": "900ms",
    "AMQP_TIMEOUT": "3s",
    "AMQP_HEARTBEAT": "2s",
    "OUTBOX_CAP": "2s",
    "OVERDUE_AFTER": "1s",
    "LEASE_TTL": "2s",
    "UNKNOWN_GRACE": "3s",
    "SMTP_CONNECTIONS": "4",
    "SMTP_MAILS_PER_CONNECTION": "25",
    "SMTP_CONNECT_TIMEOUT": "3s",
    "SMTP_TIMEOUT": "3s",
    "SMTP_DOT_TIMEOUT": "3s",
    "PIPELINE_WAIT": "500ms",
    "RETRY_CAP": "2s",
    "UNKNOWN_MAX": "1",
    "PING_INTERVAL": "500ms",
    "RECORD_INTERVAL": "200ms",
    "TEST_ADDRESSES": "off",
}
TAKES = 0.04  # s, the relay for a mail: some are always on their way
PATIENCE = 120  # s: a ceiling, for a machine that does other things too


class Scene:
    """Workers on one host read each other's journals. `long`: an outage is as long as it may
    be, not as short as the waits allow."""

    disk = None  # where the fault wants one

    def __init__(self, folder, rabbitmq, fault, long=False):
        self.long = long
        state = folder / "state"
        if fault.disk:
            where, size = fault.disk
            self.disk = Disk(folder.with_name(f"{folder.name}-disk"), size)
            if where == "state":
                state = self.disk.folder
        together = {} if fault.apart else {"STATE_DIRECTORY": str(state)}
        self.record = SqliteFile(folder)
        self.rig = Rig(folder, rabbitmq, SETTINGS | together | {
            "DATABASE_URL": self.record.url})
        self.rabbitmq = rabbitmq
        self.redis = self.rig.redis
        if fault.disk and where == "redis":
            self.redis.data = self.disk.folder
        self.sink = self.rig.sink
        self.usual = self.sink.on("dot", delay=TAKES)
        self.events = self.rig.new_events()
        self.follower = Follower(self.rig.lighttpd.url)
        self.workers = [self.rig.worker, self.rig.new_worker("worker2")]
        self.links = {}
        for service in (self.rig.api, self.events, *self.workers):
            self.put_between(service)
        self.store = redis.Redis(port=self.redis.port, decode_responses=True)
        self.chance = random.Random()  # a round brings its own
        self.load = None
        self.began = time.monotonic()
        self.timeline = []

    def put_between(self, service):
        """Proxies between a program and all that it talks to."""
        def link(peer, port):
            proxy = self.links[f"{service.name}-{peer}"] = Proxy(port)
            return proxy.port
        service.env["REDIS_URL"] = (
            f"redis://127.0.0.1:{link('redis', self.redis.port)}")
        if service is not self.events:
            service.env["RABBITMQ_URL"] = self.rig.amqp_url(
                link("rabbitmq", self.rabbitmq.port))
        if service in self.workers:
            service.env["SMTP_PORT"] = str(link("relay", self.sink.port))

    def start(self):
        self.rig.start()
        self.follower.start()
        return self

    def stop(self):
        try:
            self.follower.stop()
            self.rig.stop()
        finally:
            self.store.close()
            for proxy in self.links.values():
                proxy.stop()
            if self.disk:
                self.disk.remove()

    # -- a round

    def begin(self, chance, load):
        self.chance = chance
        self.load = load
        self.began = time.monotonic()
        self.timeline = []

    def note(self, text):
        self.timeline.append((time.monotonic() - self.began, text))

    def pause(self, least, most):
        """A moment as the seed has it."""
        time.sleep(self.chance.uniform(least, most))

    def until(self, check, what, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while not check():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not {what} after {seconds} s")
            time.sleep(0.05)

    def kill(self, service, down=(0.05, 1.0)):
        """As the kernel would; a service manager starts it again."""
        service.kill()
        self.note(f"kill -9 {service.name}")
        self.pause(*down)
        self.start_again(service)

    def start_again(self, service):
        service.start()
        self.note(f"{service.name} is back")

    def link(self, peer):
        """(name, proxy) of one of the links to a peer, as the seed has it."""
        name = self.chance.choice(sorted(
            name for name in self.links if name.endswith(f"-{peer}")))
        return name, self.links[name]

    def relay(self, step, **what):
        """A rule of the sink that goes before what it usually does."""
        rule = self.sink.on(step, **what)
        self.sink.rules.insert(0, self.sink.rules.pop())
        return rule

    def until_answered(self, *statuses):
        """A client, from now on."""
        before = self.load.answered(*statuses)
        self.until(lambda: self.load.answered(*statuses) > before,
                   f"answered {statuses}")
        self.note(f"a client got {' or '.join(map(str, statuses))}")

    def heal(self):
        """What an act that failed half way has left."""
        for proxy in self.links.values():
            for way in ("up", "down"):
                proxy.release(way)
                proxy.trickle(way, 65536, 0)
        self.sink.rules[:] = [self.usual]

    # -- its state, from the outside

    @property
    def services(self):
        return (*self.rig.stack.services, self.rabbitmq)

    @property
    def urls(self):
        return (self.rig.lighttpd.url, *(it.url for it in self.workers))

    def up(self):
        """Whether every program says that it has all it needs."""
        return not any(self.reasons()) and all(
            says_ok(f"{url}/ready") for url in self.urls)

    def reasons(self):
        """Why each program says it is degraded; None if it is not."""
        return [ask("GET", f"{url}/health").json.get("reason")
                for url in self.urls]

    def last_event(self):
        """Its id in the stream."""
        last = self.store.xrevrange("job_events", count=1)
        return last[0][0] if last else "0-0"

    def unknown_attempts(self):
        """How many the workers saw since they began."""
        return sum(ask("GET", f"{worker.url}/health").json["attempts"][
            "unknown"] for worker in self.workers)

    @staticmethod
    def owner(worker):
        return ask("GET", f"{worker.url}/health").json["owner"]

    def journal(self, worker):
        """The path of its journal."""
        return pathlib.Path(worker.environment()["STATE_DIRECTORY"],
                            "journal", f"{self.owner(worker)}.journal")

    def waiting(self):
        """{what: how many} of all that is not over yet."""
        counts = {key: self.store.zcard(key) for key in (
            "jobs:due", "outbox", "jobs:status:processing", "record:dirty")}
        counts["outbox:tries"] = self.store.hlen("outbox:tries")
        counts |= self.rig.queues.depths(
            "email_tasks", "email_dead",
            *(f"email_delay.v2.{rung}" for rung in range(22)))
        counts["owners that are gone"] = len(
            self.store.smembers("owners") - {
                self.owner(worker) for worker in self.workers})
        return {what: count for what, count in counts.items() if count}
