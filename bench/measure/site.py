# SPDX-License-Identifier: MIT
"""
What one contestant has to itself for one round: an empty Redis, a vhost of the
shared RabbitMQ, an API. All are gone after it.
"""

import secrets
import shutil

import pika
import redis
from stack import ports
from stack.answer import all_up
from stack.api import Api
from stack.lighttpd import Lighttpd
from stack.redis import Redis
from stack.trouble import Trouble

from .place import BUILD, base_env
from .programs import EMPTY_RESPONDER, EmptyResponder, NodeApi

QUEUE = "email_tasks"


class Site:
    def __init__(self, folder, rabbitmq):
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

    def queued(self):
        link = pika.BlockingConnection(pika.URLParameters(self.amqp))
        try:
            return link.channel().queue_declare(
                QUEUE, passive=True).method.message_count
        finally:
            link.close()

    # -- the APIs; each returns its URL

    def postrider(self):
        api = self.run(Api(self.folder, BUILD / "cgi" / "postrider-api",
                           env=self.env, dies_with_us=True))
        front = self.run(Lighttpd(self.folder, ports.free(), env=self.env,
                                  dies_with_us=True))
        api.wait_until(lambda: all_up(front.url), 30, "ready")
        return front.url

    def express(self):
        return self.run(NodeApi(self.folder, "api_express.js", self.env)).url

    def fastify(self):
        return self.run(NodeApi(self.folder, "api_fastify.js", self.env)).url

    def empty(self):
        self.run(EmptyResponder(self.folder, EMPTY_RESPONDER, env=self.env,
                                dies_with_us=True))
        return self.run(Lighttpd(self.folder, ports.free(), env=self.env,
                                 dies_with_us=True)).url

    # -- what they have kept

    def check_kept(self, name, mails):
        """Each accepted mail is in Redis and on the queue."""
        if name == "fastify":
            kept = (self.store.llen("bull:mail:wait"),)
        elif name == "empty":
            return
        else:
            kept = (self.store.zcard("jobs:created"), self.queued())
        if min(kept) < mails:
            raise Trouble(f"{name}: {mails} accepted, {kept} kept")
