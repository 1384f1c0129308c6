# SPDX-License-Identifier: MIT
"""What is left of a job that Redis forgets, and what a late copy finds."""

import time

from scripts import KEEP, mail, server, store  # noqa: F401  fixtures


def recreate(store, next_at, job_id="j1"):
    return store.once("recreate", job_id, '["a@b.c"]', "s", "", "{}", next_at,
                      0, KEEP, "x", "")


def test_forget_leaves_a_tombstone(store):
    """Of a job whose message was published more than once."""
    store.accept()
    store.redis.hset("job:j1", "published_at", 1)
    claim = store.claim()
    store.once("sent", "j1", "o1", claim[1], "[]", 250, "ok", 1, "0", "")
    time.sleep(0.01)
    assert store.once("forget", 100, KEEP) == 1
    assert store.claim() == ["skip"] and recreate(store, 0) == ["skip"]
    assert not store.redis.exists("jobs:forgotten")
    assert {key for key in store.redis.keys() if "j1" in key} == set()
    assert store.once("history", "", "", 0, 10, "older") == [0, 0, 0]


def test_forget_keeps_a_time_for_plain_jobs(store):
    """No copy of theirs is sent; what is due later may be of a lost job."""
    store.accept()
    due = int(store.field("next_at"))
    claim = store.claim()
    store.once("sent", "j1", "o1", claim[1], "[]", 250, "ok", 1, "0", "")
    time.sleep(0.01)
    assert store.once("forget", 100, KEEP) == 1
    assert store.redis.get("jobs:forgotten") == str(due)
    assert not store.redis.exists("jobs:tombstones")
    assert store.claim() == ["missing"]
    assert recreate(store, due) == ["orphan"]
    assert store.field("reason") == "orphan"
    assert recreate(store, due + 1, "j2") == ["missing"]
    assert recreate(store, 0, "j3") == ["missing"]  # of an older publisher
    store.once("sent", "j3", "o1", store.claim("j3")[1], "[]", 250, "ok", 1, "0", "")
    time.sleep(0.01)
    assert store.once("forget", 100, KEEP) == 1
    assert store.claim("j3") == ["skip"]


def test_events_stay_as_long_as_jobs(store):
    """The last one longer."""
    for i in range(1000):
        store.call("accept", *mail(f"j{i}"))
    store.once("forget", 100, KEEP)
    assert store.redis.xlen("job_events") == 1000
    last = store.redis.xrevrange("job_events", count=1)[0][0]
    time.sleep(0.01)
    store.once("forget", 100, 1)
    assert store.redis.xlen("job_events") <= 100  # of whole nodes
    assert store.redis.xrevrange("job_events", count=1)[0][0] == last
