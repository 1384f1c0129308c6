# SPDX-License-Identifier: MIT
"""The scripts that try many mails again."""

import time

from scripts import KEEP, mail, server, store

assert server and store  # the fixtures


def fail(store, job_id, reason="rejected", to='["a@b.c"]'):
    job = list(mail(job_id))
    job[1] = to
    store.once("accept", *job)
    store.once("published", job_id, store.field("next_at", job_id))
    claim = store.claim(job_id, nonce=job_id)
    store.once("fail", job_id, "o1", claim[1], "[]", 550, "no", reason, KEEP)
    time.sleep(0.002)


def begin(store, redrive_id="r1", reason="", domain="", rate=1000, dry_run=0,
          limit=100):
    ask = store.once if dry_run else store.twice
    answer = ask("redrive", "begin", redrive_id, "failed", reason, 0,
                         253402300799999, domain, rate, dry_run, limit)
    return dict(zip(answer[::2], answer[1::2]))


def show(store, redrive_id="r1", what="show"):
    answer = store.twice("redrive", what, redrive_id)
    return dict(zip(answer[::2], answer[1::2]))


def test_all_that_failed_once(store):
    for i in range(5):
        fail(store, f"j{i}")
    told = begin(store)
    assert (told["state"], told["count"], told["is_estimate"]) == (
        "running", "5", "0")
    assert told["sample"] == "j0 j1 j2 j3 j4"
    fail(store, "later")  # it is not of these
    assert [store.once("redriving", 2) for _ in range(5)] == [
        1, 1, 1, 1, 0]
    assert store.redis.zrange("jobs:status:failed", 0, -1) == ["later"]
    told = show(store)
    assert (told["state"], told["done"]) == ("done", "5")
    assert not store.redis.exists("redrives")
    assert store.redis.pttl("redrive:r1") > 0
    assert len(store.outbox()) == 5


def test_which_fail_again_are_left(store):
    """Else it would never end."""
    fail(store, "j1")
    begin(store)
    store.once("redriving", 10)
    time.sleep(0.01)
    claim = store.claim(nonce="again")
    store.once("fail", "j1", "o1", claim[1], "[]", 550, "no", "rejected", KEEP)
    assert store.once("redriving", 10) == 1
    assert store.once("redriving", 10) == 0
    assert show(store)["state"] == "done" and store.status() == "failed"


def test_filters(store):
    fail(store, "j1", reason="gave_up")
    fail(store, "j2", to='["x@other.example"]')
    fail(store, "j3")
    assert begin(store, "d1", dry_run=1)["count"] == "3"
    assert not any(map(store.redis.exists, ("redrive:d1", "redrives")))
    assert begin(store, "d2", reason="gave_up", dry_run=1)["sample"] == "j1"
    assert begin(store, "d3", domain="b.c", dry_run=1)["count"] == "2"
    told = begin(store, "d4", domain="b.c", dry_run=1, limit=2)
    assert (told["count"], told["is_estimate"]) == ("2", "1")
    begin(store, domain="other.example")
    while store.once("redriving", 2):
        pass
    assert store.redis.zrange("jobs:status:queued", 0, -1) == ["j2"]
    assert store.redis.zrange("jobs:status:failed", 0, -1) == ["j1", "j3"]


def test_a_rate_and_a_cancel(store):
    """A minute ahead, and no more: so there is a rest to stop."""
    for i in range(4):
        fail(store, f"j{i}")
    store.redis.hset("job:j1", "payload", "")
    begin(store, rate="0.025")  # one in 40 s
    assert store.once("redriving", 10) == 0
    told = show(store)
    assert (told["done"], told["skipped"]) == ("2", "1")
    assert store.status("j2") == "scheduled" and store.status("j3") == "failed"
    gap = (int(store.field("next_at", "j2")) - int(store.field("next_at", "j0")))
    assert 39_000 < gap <= 40_000
    assert show(store, what="cancel")["state"] == "cancelled"
    assert store.once("redriving", 10) == 0 and store.status("j3") == "failed"
    assert store.once("redrive", "show", "none") is None
