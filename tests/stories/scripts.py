# SPDX-License-Identifier: MIT
"""
The scripts of the store on a real Redis of their own; import `server` and
`store`, the fixtures.
"""

import json
import os

import one_shard
import pytest
import redis
from rig import BUILD
from stack import ports
from stack.redis import Redis

KEEP = 60_000
GROUPED = ("accept", "claim", "sent")  # take several jobs, reply a list


def mail(job_id, payload="{}", *key, **fields):
    """`key`: record, TTL, (field, digest)... of an Idempotency-Key."""
    more = [word for field in fields.items() for word in field]
    if key:
        more += ["idem", *key]
    return job_id, '["a@b.c"]', "s", "", payload, len(more), *more


class Store:
    def __init__(self, url, kind="plain"):
        self.redis = redis.Redis.from_url(url, decode_responses=True)
        self.shas = {path.stem: self.redis.script_load(path.read_text())
                     for path in (BUILD / "lib" / "lua" / kind).glob("*.lua")}

    def once(self, name, *args):
        reply = self.call(name, *args)
        return reply[0] if name in GROUPED else reply

    def call(self, name, *args):
        return self.redis.evalsha(self.shas[name], 0, *args)

    def twice(self, name, *args):
        """The answer, which a repetition repeats without changing the job."""
        first = self.once(name, *args)
        before = self.state()
        assert self.once(name, *args) == first, name
        assert self.state() == before, name
        return first

    def state(self):
        state = {}
        for key in sorted(self.redis.keys()):
            kind = self.redis.type(key)
            state[key] = {
                "hash": self.redis.hgetall, "string": self.redis.get,
                "set": self.redis.smembers,
                "list": lambda k: self.redis.lrange(k, 0, -1),
                "zset": lambda k: self.redis.zrange(k, 0, -1, withscores=True),
                "stream": self.redis.xlen,
            }[kind](key)
        return state

    def accept(self, job_id="j1", payload="{}"):
        return self.twice("accept", *mail(job_id, payload))

    def claim(self, job_id="j1", owner="o1", nonce="n1", payload=0, pace=""):
        return self.twice("claim", job_id, owner, nonce, 720_000, payload, KEEP,
                          pace)

    def status(self, job_id="j1"):
        return self.redis.hget(f"job:{job_id}", "status")

    def field(self, name, job_id="j1"):
        return self.redis.hget(f"job:{job_id}", name)

    def history(self, job_id="j1"):
        return [json.loads(entry)
                for entry in self.once("show", job_id, KEEP)[1]]

    def outbox(self):
        return self.redis.zrange("outbox", 0, -1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Redis(tmp_path_factory.mktemp("scripts"), ports.free(),
                   dies_with_us=True)
    if os.environ.get("STORIES_REDIS") == "one shard":
        one_shard.make(server)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def store(server):
    store = Store(server.url)
    store.redis.flushall()
    store.__init__(server.url)
    return store
