# SPDX-License-Identifier: MIT
"""The scripts by which a client changes a mail that is accepted, each sent
twice."""

import json
import time

import pytest
from scripts import KEEP, mail, server, store

assert server and store  # the fixtures

RESULTS = json.dumps([
    {"address": "a@b.c", "state": "refused", "code": 550,
     "reply": '550 not "state":"refused"'},
    {"address": "d@e.f", "state": "taken", "code": 250, "reply": "ok"},
], separators=(",", ":"))


def fail(store, results="[]", job_id="j1"):
    claim = store.claim(job_id, nonce=f"n{time.time()}")
    store.once("fail", job_id, "o1", claim[1], results, 550, "no", "rejected",
               KEEP)


def cancel(store, job_id="j1"):
    return store.twice("cancel", job_id, KEEP)


def retry(store, word="w1", expires_at=0, job_id="j1"):
    """The answer without the time of the call."""
    first = store.once("retry", job_id, KEEP, word, expires_at)
    before = store.state()
    second = store.once("retry", job_id, KEEP, word, expires_at)
    assert store.state() == before
    for answer in (first, second):
        if answer and answer[0] == "done":
            assert 0 <= time.time() * 1000 - answer.pop(3) < 60_000
    assert first == second
    return first


def test_cancel_what_nobody_has(store):
    store.once("accept", *mail("j1", "{}", "r", KEEP, "to", "1"))
    assert cancel(store) == ["done", "cancelled"]
    assert store.claim() == ["skip"]
    assert store.field("payload") == ""
    assert 0 < store.redis.pttl("idem:r") <= KEEP
    assert not store.redis.exists("outbox", "jobs:due", "jobs:status:queued")
    assert store.redis.zrange("jobs:status:cancelled", 0, -1) == ["j1"]
    assert cancel(store, "none") is None


def test_cancel_between_two_attempts(store):
    store.once("published", "j1", store.accept())
    claim = store.claim()
    store.once("defer", "j1", "o1", claim[1], "[]", 451, "later", 60_000,
               999_000, KEEP, 1)
    assert len(store.outbox()) == 1
    assert cancel(store) == ["done", "cancelled"]
    assert (store.field("reason"), store.outbox()) == ("", [])


def test_cancel_too_late(store):
    store.accept()
    claim = store.claim()
    assert cancel(store) == ["refused", "processing"]
    store.once("sent", "j1", "o1", claim[1], "[]", 250, "ok", KEEP, "0")
    assert cancel(store) == ["refused", "completed"]
    store.redis.set("job:old", '{"status":"queued","to":"a@b.c"}')
    assert cancel(store, "old") == ["refused", "unknown"]


def test_retry_what_failed(store):
    store.once("accept", *mail("j1", "{}", "r", KEEP, "to", "1"))
    fail(store, RESULTS)
    assert store.redis.pttl("idem:r") > 0
    due = int(store.field("next_at"))
    answer = retry(store)
    assert answer[:2] == ["done", "queued"] and answer[3:5] == [0, "{}"]
    assert answer[2] > due and store.outbox()[-1] == f"j1 {answer[2]}"
    assert [one["state"] for one in json.loads(answer[5])] == [
        "waiting", "taken"]
    assert json.loads(answer[5])[0]["reply"] == '550 not "state":"refused"'
    assert store.redis.pttl("idem:r") == -1
    assert not store.redis.exists("jobs:ended")
    assert store.redis.zrange("jobs:due", 0, -1) == ["j1"]
    assert store.claim(nonce="again")[:3] == ["claimed", 5, 2]
    assert retry(store, "w2") == ["refused", "processing"]
    assert retry(store, job_id="none") is None


def test_retry_what_is_unknown(store):
    store.accept()
    claim = store.claim()
    store.once("unknown", "j1", "o1", claim[1], "", "cut", 1, 0, KEEP)
    assert retry(store)[:2] == ["done", "queued"]
    assert [store.field(name) for name in (
        "unknown_count", "give_up_at", "reason")] == ["0", "0", ""]
    # Its late proof completes it, as before.
    assert store.once("sent", "j1", "o1", claim[1], "[]", 250, "ok", KEEP, "0"
                      ) == ["late", "completed", 0]
    assert retry(store, "w2") == ["refused", "completed"]


def test_retry_gives_up_later(store):
    store.accept()
    claim = store.claim()
    how = ("[]", 451, "later", 1, 1, KEEP, 1)
    store.once("defer", "j1", "o1", claim[1], *how)
    time.sleep(0.01)
    claim = store.claim(nonce="n2")
    assert store.once("defer", "j1", "o1", claim[1], *how)[1] == "failed"
    retry(store)
    claim = store.claim(nonce="n3")
    assert store.once("defer", "j1", "o1", claim[1], *how)[1] == "retrying"


def test_retry_without_a_payload(store):
    store.once("recreate", "j1", "[]", "", "", "", 0, 0, KEEP, "x", "")
    assert retry(store) == ["no_payload", "failed"]


def test_retry_of_what_has_expired(store):
    now = int(time.time() * 1000)
    store.accept()
    store.redis.hset("job:j1", "expires_at", now - 1)
    assert store.once("claim", "j1", "o1", "n1", 1, 0, KEEP) == ["skip"]
    assert store.field("reason") == "expired"
    assert retry(store) == ["expired", "failed"]
    assert retry(store, "w1", now + 60_000)[3] == now + 60_000
    assert store.field("expires_at") == str(now + 60_000)


@pytest.mark.parametrize("size, told", [(262_144, True), (262_145, False)])
def test_a_large_payload_travels_by_id(store, size, told):
    store.accept(payload="p" * size)
    fail(store)
    assert retry(store)[4] == ("p" * size if told else "")


def test_an_earlier_time_leaves_a_tombstone_for_the_later(store):
    """Its message is still on its way."""
    store.accept()
    later = store.redis.hincrby("job:j1", "next_at", 9 * 86_400_000)
    store.redis.hset("job:j1", "status", "failed")
    store.redis.zadd("jobs:status:failed", {"j1": 1})
    retry(store)
    assert store.field("latest_at") == str(later)
    store.redis.zadd("jobs:ended", {"j1": 1})
    store.once("forget", 10)
    assert store.redis.zscore("jobs:tombstones", "j1") == later + 86_400_000
