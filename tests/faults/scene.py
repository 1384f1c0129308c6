# SPDX-License-Identifier: MIT
"""
Where a fault happens: a rig of the stories with two workers, and a proxy on
each link between two programs.
"""

import random
import time

import redis
from proxy import Proxy
from rig import Rig
from stack.answer import all_up, ask

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
    "SMTP_CONNECT_TIMEOUT": "3s",
    "SMTP_TIMEOUT": "3s",
    "SMTP_DOT_TIMEOUT": "3s",
    "PIPELINE_WAIT": "500ms",
    "RETRY_CAP": "2s",
    "UNKNOWN_MAX": "1",
    "TEST_ADDRESSES": "off",
}
TAKES = 0.04  # s, the relay for a mail: some are always on their way
PATIENCE = 120  # s: a ceiling, for a machine that does other things too


class Scene:
    def __init__(self, folder, rabbitmq, settings):
        self.rig = Rig(folder, rabbitmq, SETTINGS | settings | {
            "STATE_DIRECTORY": str(folder / "state")})
        (folder / "state").mkdir()
        self.rabbitmq = rabbitmq
        self.redis = self.rig.redis
        self.sink = self.rig.sink
        self.usual = self.sink.on("dot", delay=TAKES)
        self.workers = [self.rig.worker, self.rig.new_worker("worker2")]
        self.links = {}
        for service in (self.rig.api, *self.workers):
            self.put_between(service)
        self.store = redis.Redis(port=self.redis.port, decode_responses=True)
        self.chance = random.Random()  # a round brings its own
        self.began = time.monotonic()
        self.timeline = []

    def put_between(self, service):
        """Proxies between a program and all that it talks to."""
        def link(peer, port):
            proxy = self.links[f"{service.name}-{peer}"] = Proxy(port)
            return proxy.port
        service.env |= {
            "REDIS_URL": f"redis://127.0.0.1:{link('redis', self.redis.port)}",
            "RABBITMQ_URL": self.rig.amqp_url(
                link("rabbitmq", self.rabbitmq.port)),
        }
        if service in self.workers:
            service.env["SMTP_PORT"] = str(link("relay", self.sink.port))

    def start(self):
        self.rig.start()
        return self

    def stop(self):
        try:
            self.rig.stop()
        finally:
            self.store.close()
            for proxy in self.links.values():
                proxy.stop()

    # -- a round

    def begin(self, chance):
        self.chance = chance
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
        service.start()
        self.note(f"{service.name} is back")

    # -- its state, from the outside

    @property
    def services(self):
        return (*self.rig.stack.services, self.rabbitmq)

    def up(self):
        """Whether every program says that it has all it needs."""
        return all(all_up(url) for url in (
            self.rig.lighttpd.url, *(worker.url for worker in self.workers)))

    def waiting(self):
        """{what: how many} of all that is not over yet."""
        counts = {key: self.store.zcard(key) for key in (
            "jobs:due", "outbox", "jobs:status:processing")}
        counts["outbox:tries"] = self.store.hlen("outbox:tries")
        counts |= self.rig.queues.depths(
            "email_tasks", "email_dead",
            *(f"email_delay.v1.{rung}" for rung in range(22)))
        counts["owners that are gone"] = len(
            self.store.smembers("owners") - {
                ask("GET", f"{worker.url}/health").json["owner"]
                for worker in self.workers})
        return {what: count for what, count in counts.items() if count}
