# SPDX-License-Identifier: MIT
"""
What one contestant has to itself for one round: an empty Redis, a vhost of the
shared RabbitMQ, an API, workers, a relay. All are gone after it.
"""

import secrets
import shutil
import time

import pika
import redis
from stack import ports
from stack.answer import all_up
from stack.api import Api
from stack.events import Events
from stack.lighttpd import Lighttpd
from stack.redis import Redis
from stack.trouble import Trouble
from stack.worker import Worker

from .place import BUILD, SMTP_CONNECTIONS, base_env
from .programs import EmptyResponder, NodeApi, NodeWorker

QUEUE = "email_tasks"
PATIENCE = 300  # s
# Of each stack: the keys of its mails that wait, and of those that are sent.
KEYS = {
    "postrider": ("jobs:created", "jobs:status:completed"),
    "amqplib": ("jobs:created", "jobs:status:completed"),
    "bullmq": ("bull:mail:wait", "bull:mail:completed"),
}


def wait_for(check, what, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not check():
        if time.monotonic() > deadline:
            raise Trouble(f"{what}: not after {patience} s")
        time.sleep(0.01)


class Site:
    def __init__(self, name, folder, rabbitmq):
        self.name = name
        self.folder = folder / secrets.token_hex(4)
        self.folder.mkdir(parents=True)
        self.rabbitmq = rabbitmq
        self.vhost = f"bench-{secrets.token_hex(4)}"
        self.amqp = rabbitmq.add_vhost(self.vhost)
        self.running = []
        self.redis = self.run(Redis(self.folder, ports.free(),
                                    dies_with_us=True))
        self.store = redis.Redis.from_url(self.redis.url)
        self.env = base_env() | {
            "REDIS_URL": self.redis.url, "RABBITMQ_URL": self.amqp,
            "AUTH": "off", "SMTP_FROM": "Postrider <postrider@example.com>"}

    def run(self, process):
        process.start()
        self.running.append(process)
        return process

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            process.stop()
        self.rabbitmq.delete_vhost(self.vhost)
        shutil.rmtree(self.folder)

    def end(self, *processes):
        for process in processes:
            process.stop()
            self.running.remove(process)

    def pids(self):
        """Of all that works here, by name."""
        return {process.name: process.pid for process in self.running} | {
            "rabbitmq": self.rabbitmq.pid}

    # -- the parts of each stack

    def api(self):
        """Its URL, once it takes mails."""
        if self.name == "amqplib":
            return self.run(NodeApi(self.folder, "api_express.js",
                                    self.env)).url
        if self.name == "bullmq":
            return self.run(NodeApi(self.folder, "api_fastify.js",
                                    self.env)).url
        if self.name == "lighttpd":
            self.run(EmptyResponder(self.folder, self.env))
            return self.lighttpd().url
        api = self.run(Api(self.folder, BUILD / "cgi" / "postrider-api",
                           env=self.env, dies_with_us=True))
        front = self.lighttpd()
        api.wait_until(lambda: all_up(front.url), 30, "ready")
        return front.url

    def lighttpd(self):
        return self.run(Lighttpd(self.folder, ports.free(), env=self.env,
                                 dies_with_us=True))

    def events(self):
        return self.run(Events(
            self.folder, BUILD / "events" / "postrider-events", env=self.env,
            dies_with_us=True))

    def worker(self, relay, connections=SMTP_CONNECTIONS, name="worker"):
        env = self.env | {"SMTP_HOST": "127.0.0.1",
                          "SMTP_PORT": str(relay.port),
                          "SMTP_CONNECTIONS": str(connections)}
        if self.name == "postrider":
            return self.run(Worker(
                self.folder, BUILD / "worker" / "postrider-worker",
                ports.free(), name, env=env, dies_with_us=True))
        return self.run(NodeWorker(self.folder, f"worker_{self.name}.js", env))

    # -- what they have in hand

    def accepted(self):
        """Mails that wait, if no worker took any."""
        key = KEYS[self.name][0]
        return (self.store.llen(key) if self.name == "bullmq"
                else self.store.zcard(key))

    def sent(self):
        return self.store.zcard(KEYS[self.name][1])

    def on_queue(self):
        if self.name == "bullmq":
            return self.accepted()
        link = pika.BlockingConnection(pika.URLParameters(self.amqp))
        try:
            return link.channel().queue_declare(
                QUEUE, passive=True).method.message_count
        finally:
            link.close()

    def check_kept(self, mails):
        """Each accepted mail is in Redis and on the queue."""
        if self.name not in KEYS:
            return
        kept = min(self.accepted(), self.on_queue())
        if kept < mails:
            raise Trouble(f"{self.name}: {mails} accepted, {kept} kept")

    def wait_queued(self, mails):
        """Until the queue holds them, each with nothing left to be done."""
        wait_for(lambda: self.on_queue() >= mails, f"{mails} mails queued")
        wait_for(lambda: self.store.zcard("outbox") == 0, "an empty outbox")
