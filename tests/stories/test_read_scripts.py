# SPDX-License-Identifier: MIT
"""The scripts that only look: pages, what waits, whether there is room."""

import time

import pytest
import redis

from scripts import KEEP, Store, mail, server, store

assert server and store  # the fixtures

def test_history_pages_do_not_overlap(store):
    ids = [f"j{i:03}" for i in range(250)]
    for job_id in ids:
        store.once("accept", *mail(job_id))
    seen, cursor = [], ("", 0)
    while True:
        total, _, _, *jobs = store.once("history", "", *cursor, 100, "older")
        assert total == 250
        for fields, _ in jobs:
            fields = dict(zip(fields[::2], fields[1::2]))
            seen.append(fields["id"])
            cursor = (fields["id"], fields["created_at"])
        store.once("accept", *mail(f"new{len(seen)}"))
        store.redis.zrem("jobs:created", f"new{len(seen)}")
        if len(jobs) < 100:
            break
    assert sorted(seen) == ids and len(set(seen)) == 250


def test_a_page_begins_at_a_place_not_at_a_job(store):
    """Which may have left the index: by its time, and of equal times by its
    id, byte by byte as in Redis' index."""
    places = [(5, "c"), (7, "B"), (7, "Z"), (7, "a"), (7, "a-"), (7, "b"),
              (9, "0")]
    for at, job_id in places:
        store.redis.hset(f"job:{job_id}", mapping={
            "status": "queued", "seq": 1, "created_at": at})
        store.redis.zadd("jobs:created", {job_id: at})
    for gone in [(7, "Y"), (7, "aa"), (6, "x"), (1, "x"), (99, "x"), *places]:
        for direction, expected in (
                ("older", [place for place in places if place < gone][::-1]),
                ("newer", [place for place in places if place > gone])):
            answer = store.once("history", "", gone[1], gone[0], 9, direction)
            assert [job[0][1] for job in answer[3:]] == [
                job_id for _, job_id in expected], (gone, direction)
    assert store.once("history", "", "a", -1, 1, "newer")[2] == 7
    assert store.once("history", "", "x", -1, 1, "newer") is None


def test_what_is_to_be_recorded(server, store):
    store.__init__(server.url, "recorded")

    def unrecorded(owner="r1"):
        return store.once("unrecorded", owner, 60_000, 10)

    assert unrecorded() == [0]
    store.accept()
    waiting, job = unrecorded()
    assert waiting == 1 and dict(zip(*[iter(job[0])] * 2))["seq"] == "1"
    assert unrecorded("r2") == []  # r1 has the lock
    claim = store.claim()
    assert store.once("recorded", "j1 1 ") == 0  # it has changed since
    store.once("sent", "j1", "o1", claim[1], "[]", 250, "ok", 1, "0", "")
    time.sleep(0.01)
    assert store.once("forget", 100, KEEP) == 1 and store.status() == "completed"
    assert store.once("recorded", "j1 3 ") == 1
    assert not store.redis.exists("record:dirty")
    store.redis.zadd("jobs:ended", {"j1": 1})
    assert store.once("forget", 100, KEEP) == 1 and not store.status()
    store.redis.zadd("record:dirty", {"j1": 1})  # Redis has lost the job
    assert unrecorded() == [1] and unrecorded() == [0]


def test_without_a_record_no_change_is_noted(server, store):
    """And it is told to those who have one."""
    store.accept()
    assert not store.redis.exists("record:dirty")
    beat = ("heartbeat", "o1", 60_000, "0 0 pid 1", "")
    assert isinstance(Store(server.url, "recorded").once(*beat), int)
    assert store.once(*beat)[1:] == [0, 0, 1]
    store.redis.delete("record:with")
    assert isinstance(store.once(*beat), int)
    store.redis.delete("record:without")
    store.call("room")
    assert store.redis.exists("record:without")


def test_stats(store):
    for job_id in ("j1", "j2"):
        store.accept(job_id)
    assert store.claim()[0] == "claimed"
    now, oldest, *counts = store.once("stats", "queued", "processing", "failed")
    assert now >= oldest == int(store.field("created_at", "j2"))
    assert counts == [2, 0, [None] * 3, 1, 1, 0]  # outbox, record, lanes, statuses


def test_backlog(store):
    assert store.once("backlog", "failed") == [0, 0, 0, 0, 0, 0, 0, 0]
    for job_id in ("j1", "j2"):
        store.accept(job_id)
    store.redis.zadd("jobs:status:queued", {"j1": 1})
    queued, age, outbox, *_, processing = store.once("backlog", "processing")
    assert (queued, outbox, processing) == (2, 2, 0)
    assert age > 1_000_000_000  # ms since 1970: the oldest counts


def test_room_tells_of_memory_and_pauses(store):
    assert store.twice("room") == [0]
    store.redis.hset("paused", "*", 7)
    store.redis.config_set("maxmemory", 1 << 40)
    assert store.once("room") == [0, "*", "7"]
    used = store.redis.info("memory")["used_memory"]
    store.redis.config_set("maxmemory", used * 2)
    assert 40 <= store.once("room")[0] <= 60
    store.redis.config_set("maxmemory", used // 2)
    with pytest.raises(redis.ResponseError, match="OOM|maxmemory"):
        store.once("room")
    store.redis.config_set("maxmemory", 0)
