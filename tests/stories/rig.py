# SPDX-License-Identifier: MIT
"""
What a story plays on: its own Redis, vhost, sink, API behind lighttpd and
worker, all on free ports, all ended after it.
"""

import os
import pathlib
import re
import secrets
import shutil

import redis
from client import Client
from queues import Queues
from sink import Sink
from stack import ports
from stack.answer import all_up
from stack.api import Api
from stack.events import Events
from stack.lighttpd import Lighttpd
from stack.redis import Redis
from stack.stack import Stack
from stack.worker import Worker

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("POSTRIDER_BUILD", ROOT / "build" / "dev"))
API = BUILD / "cgi" / "postrider-api"
EVENTS = BUILD / "events" / "postrider-events"
WORKER = BUILD / "worker" / "postrider-worker"

# Short waits, so that no story sits one out.
SETTINGS = {
    "AUTH": "off",
    "TEST_ADDRESSES": "on",
    "SMTP_FROM": "Postrider <postrider@example.com>",
    "SMTP_EHLO": "worker.example.com",
    "RETRY_BASE": "200ms",
    "LEASE_TTL": "6s",
    "SWEEP_INTERVAL": "1s",
    "OUTBOX_AFTER": "1s",
    "RECONNECT_BASE": "50ms",
    "RECONNECT_CAP": "500ms",
    "SMTP_RECONNECT_CAP": "500ms",
    "LOG_LEVEL": "debug",
}
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:")


class Rig:
    """`settings` go over SETTINGS; `spawned`: lighttpd starts the API itself.
    Each service has an `env` of its own, to change before start()."""

    def __init__(self, folder, rabbitmq, settings=None, spawned=False):
        self.folder = pathlib.Path(folder)
        self.keep = False  # the folder, for who looks into a failure
        self.rabbitmq = rabbitmq
        self.vhost = f"story-{secrets.token_hex(4)}"
        rabbitmq.add_vhost(self.vhost)
        self.sink = Sink()
        self.redis = Redis(self.folder, ports.free(), dies_with_us=True)
        self.env = {name: value for name, value in os.environ.items()
                    if name in ("PATH", "LANG", "TMPDIR")
                    or name.endswith("SAN_OPTIONS")}
        self.env |= SETTINGS | {
            "REDIS_URL": self.redis.url,
            "RABBITMQ_URL": self.amqp_url(),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.sink.port),
        } | (settings or {})
        self.queues = Queues(self.amqp_url())
        self.api = None if spawned else Api(
            self.folder, API, env=self.env, dies_with_us=True)
        self.lighttpd = Lighttpd(self.folder, ports.free(),
                                 api_bin=API if spawned else "", env=self.env,
                                 dies_with_us=True)
        self.client = Client(self.lighttpd.url)
        self.worker = self.new_worker("worker")
        self.stack = Stack([service for service in (
            self.redis, self.api, self.lighttpd, self.worker) if service])

    def amqp_url(self, port=None):
        """`port`: that of a proxy to RabbitMQ."""
        return (f"amqp://guest:guest@127.0.0.1:{port or self.rabbitmq.port}"
                f"/{self.vhost}")

    def store(self):
        """Redis itself, past the programs."""
        return redis.Redis.from_url(self.redis.url, decode_responses=True)

    def new_worker(self, name, **settings):
        """A further worker; stopped with the rest once it is started."""
        worker = Worker(self.folder, WORKER, ports.free(), name,
                        env=self.env | settings, dies_with_us=True)
        if name != "worker":
            self.stack.services.append(worker)
        return worker

    def new_events(self, name="events", **settings):
        """"events" is the one that lighttpd asks."""
        events = Events(self.folder, EVENTS, name, env=self.env | settings,
                        dies_with_us=True)
        self.stack.services.append(events)
        return events

    def start(self):
        self.stack.start()
        self.wait_ready()
        return self

    def wait_ready(self):
        front = self.api or self.lighttpd
        front.wait_until(lambda: all_up(self.lighttpd.url), 30, "ready")

    # -- the end

    def stop(self):
        """Ends everything; raises for what did not end well."""
        faults = [f"{service.name} died. {service.last_words(40)}"
                  for service in self.stack.services if service.died()]
        ours = [service for service in self.stack.services
                if isinstance(service, (Api, Events, Worker)) and service.alive()]
        self.stack.stop()
        self.sink.stop()
        self.rabbitmq.delete_vhost(self.vhost)
        faults += [f"{service.name} ended with {service.child.returncode}. "
                   f"{service.last_words(40)}"
                   for service in ours if service.child.returncode != 0]
        for log in sorted((self.folder / "log").glob("*.log")):
            text = log.read_text(errors="replace")
            if SANITIZER.search(text):
                faults.append(f"{log}:\n{text}")
        assert not faults, "\n".join(faults)
        if not self.keep:
            shutil.rmtree(self.folder)
