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
    assert not any(map(store.redis.exists, (
        "outbox", "jobs:due", "jobs:status:queued")))
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
    store.once("sent", "j1", "o1", claim[1], "[]", 250, "ok", KEEP, "0", "")
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
    assert store.once("sent", "j1", "o1", claim[1], "[]", 250, "ok", KEEP, "0", ""
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
    assert store.once("claim", "j1", "o1", "n1", 1, 0, KEEP, "") == ["skip"]
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
    store.once("forget", 10, 60_000)
    assert store.redis.zscore("jobs:tombstones", "j1") == later + 86_400_000


# -- schedules

def in_ms(ms):
    return int(time.time() * 1000) + ms


def schedule(store, at, **fields):
    answer = store.once("accept", *mail("j1", scheduled_at=at, **fields))
    before = store.state()
    again = store.once("accept", *mail("j1", scheduled_at=at, **fields))
    assert answer[:2] == again[:2] and store.state() == before
    return answer


def reschedule(store, at, expires_at=0):
    """The answer without the time of the call."""
    first = store.once("reschedule", "j1", KEEP, at, expires_at)
    before = store.state()
    second = store.once("reschedule", "j1", KEEP, at, expires_at)
    assert store.state() == before
    for answer in (first, second):
        if answer and answer[0] == "done":
            assert 0 <= time.time() * 1000 - answer.pop(3) < 60_000
    assert first == second
    return first


def test_a_mail_for_later(store):
    at = in_ms(60_000)
    word, next_at, now = schedule(store, at)
    assert (word, next_at) == ("scheduled", at) and 0 < at - now <= 60_000
    assert (store.status(), store.outbox()) == ("scheduled", [f"j1 {at}"])
    for index in ("jobs:created", "jobs:status:scheduled", "jobs:due"):
        assert store.redis.zrange(index, 0, -1) == ["j1"]
    assert store.redis.zscore("jobs:due", "j1") == at + 60_000
    assert [entry["status"] for entry in store.history()] == ["scheduled"]
    assert store.claim() == ["early", at, "", 0]
    store.once("published", "j1", at)
    assert store.claim() == ["not_due"]
    store.redis.hset("job:j1", "next_at", in_ms(900))
    assert store.claim()[0] == "claimed"


def test_a_time_that_is_past_is_now(store):
    assert store.once("accept", *mail("j1", scheduled_at=5)) >= in_ms(-60_000)
    assert store.status() == "queued"


def test_reschedule(store):
    at = in_ms(60_000)
    schedule(store, at)
    store.once("published", "j1", at)
    later = at + 60_000
    assert reschedule(store, later) == ["done", "scheduled", later, 0, "{}", "", ""]
    assert store.outbox() == [f"j1 {later}"]
    assert store.field("latest_at") is None
    assert reschedule(store, at - 1)[2] == at - 1
    assert store.field("latest_at") == str(later)
    assert store.redis.zscore("jobs:due", "j1") == at - 1 + 60_000
    assert reschedule(store, 1)[2] < at  # at once
    assert store.claim()[0] == "claimed"
    assert reschedule(store, at) == ["refused", "processing"]
    assert store.once("reschedule", "none", KEEP, at, 0) is None


def test_reschedule_within_its_life(store):
    at = in_ms(60_000)
    schedule(store, at, expires_at=at + 10)
    assert reschedule(store, at + 10) == ["expired", "scheduled"]
    assert reschedule(store, at + 10, at + 20)[3] == at + 20
    assert store.redis.zscore("jobs:expiring", "j1") == at + 20


# -- expiry

def test_claim_after_its_time(store):
    store.once("accept", *mail("j1", expires_at=in_ms(-1)))
    assert store.claim() == ["skip"]
    assert (store.status(), store.field("reason")) == ("failed", "expired")
    assert store.history()[-1]["message"] == "Expired before it could be sent"


@pytest.mark.parametrize("step, end", [
    (("defer", "[]", 451, "later", 60_000, 999_000, KEEP, 1), "failed"),
    (("release", "the dot was not allowed", KEEP), "failed"),
    (("unknown", "", "cut", 1, 1, KEEP), "unknown"),
])
def test_no_attempt_follows_after_its_time(store, step, end):
    store.once("accept", *mail("j1", expires_at=in_ms(60_000)))
    claim = store.claim()
    assert claim[3] > in_ms(0)
    store.redis.hset("job:j1", "expires_at", in_ms(-1))
    assert store.twice(step[0], "j1", "o1", claim[1], *step[1:]) == [
        "settled", end, 0]
    assert store.field("reason") == (
        "expired" if end == "failed" else "outcome_unknown")
    assert store.redis.zrange("jobs:ended", 0, -1) == ["j1"]


def test_what_may_have_been_sent_does_not_just_expire(store):
    store.once("accept", *mail("j1", expires_at=in_ms(60_000)))
    claim = store.claim()
    store.once("unknown", "j1", "o1", claim[1], "", "cut", 1, 1, KEEP)
    store.redis.hset("job:j1", "expires_at", in_ms(-1))
    time.sleep(0.01)
    assert store.claim(nonce="n2") == ["skip"]
    assert (store.status(), store.field("reason")) == (
        "unknown", "outcome_unknown")


def test_recreate_knows_its_time(store):
    how = ("j1", '["a@b.c"]', "s", "", "{}", 0, 0, KEEP, "x", "")
    assert store.twice("recreate", *how, "expires_at", in_ms(-1)) == [
        "missing"]
    assert store.claim() == ["skip"]
    assert store.field("reason") == "expired"
