# SPDX-License-Identifier: MIT
"""The scripts of API keys against a real Redis."""

import time

from scripts import server, store

assert server and store  # the fixtures

DAY = 86_400_000
KEY = {"digest": "d" * 64, "scopes": "send", "name": "n"}


def test_a_key_that_lives(store):
    store.redis.hset("key:k", mapping=KEY)
    found = store.twice("key", "k")
    assert dict(zip(found[::2], found[1::2])) == KEY
    now = int(time.time() * 1000)
    store.redis.hset("key:k", "expires_at", now + DAY)
    assert len(store.twice("key", "k")) == 8
    store.redis.hset("key:k", "expires_at", now - 1)
    assert store.twice("key", "k") is None


def test_no_key(store):
    assert store.twice("key", "k") is None
    store.redis.hset("key:k", mapping={"name": "n", "revoked_at": 1})
    assert store.twice("key", "k") is None


def test_a_bucket(store):
    """It is full at first, and fills again in time; Redis' clock counts."""
    hour = 3_600_000
    taken, left, full_in, _ = store.call("take", "k", 10, hour, 4, 0, 0)[:4]
    assert (taken, left) == (4, 6) and 0 < full_in <= 4 * hour / 10
    assert store.call("take", "k", 10, hour, 20, 0, 0)[:2] == [6, 0]
    empty = store.call("take", "k", 10, hour, 1, 0, 0)
    assert empty[:2] == [0, 0]
    assert hour * 0.9 < empty[2] <= hour and 0 < empty[3] <= hour / 10
    at = int(store.redis.hget("key:rate:k", "at"))
    store.redis.hset("key:rate:k", "at", at - hour // 4)
    assert store.call("take", "k", 10, hour, 5, 0, 0)[:2] == [2, 0]
    store.redis.hset("key:rate:k", "at", at - 9 * hour)
    assert store.call("take", "k", 10, hour, 1, 0, 0)[:2] == [1, 9]
    assert 0 < store.redis.pttl("key:rate:k") <= hour + 1000


def test_a_clock_that_goes_back(store):
    store.call("take", "k", 10, 1000, 10, 0, 0)
    at = int(store.redis.hget("key:rate:k", "at"))
    store.redis.hset("key:rate:k", "at", at + DAY)
    assert store.call("take", "k", 10, 1000, 1, 0, 0)[0] == 0


def test_a_day(store):
    taken, left, ends = store.call("take", "k", 0, 0, 0, 5, 3)[4:]
    assert (taken, left) == (3, 2) and 0 < ends <= DAY
    assert store.call("take", "k", 0, 0, 0, 5, 3)[4:6] == [2, 0]
    assert store.call("take", "k", 0, 0, 0, 5, 1)[4:6] == [0, 0]
    assert store.call("take", "k", 0, 0, 0, 9, 1)[4:6] == [1, 3]  # raised
    assert store.call("take", "other", 0, 0, 0, 5, 1)[4:6] == [1, 4]
    [name] = store.redis.keys("key:mails:k:*")
    assert 0 < store.redis.pttl(name) <= 2 * DAY


def test_nothing_wanted(store):
    assert store.call("take", "k", 10, 1000, 0, 5, 0)[:6] == [0] * 6
    assert store.redis.keys() == []


def test_a_ticket(store):
    """Used once; repeated it is gone, which the client is told."""
    store.redis.hset("key:k", mapping=KEY)
    store.twice("ticket", "t", "k", 30_000)
    assert 0 < store.redis.pttl("ticket:t") <= 30_000
    key_id, fields = store.call("redeem", "t")
    assert key_id == "k"
    assert dict(zip(fields[::2], fields[1::2])) == KEY
    assert store.twice("redeem", "t") is None
    store.call("ticket", "t", "k", 30_000)
    store.redis.hdel("key:k", "digest")
    assert store.call("redeem", "t") is None
