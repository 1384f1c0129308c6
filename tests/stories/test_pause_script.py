# SPDX-License-Identifier: MIT
"""What is held by the operator's pause, on a real Redis."""

import json

import pytest
from scripts import KEEP, mail, server, store
from test_sweep_script import sweep

assert server and store  # the fixtures


def payload(**fields):
    return json.dumps(fields) + "\0file with @example.net in it"


def claim(store, name="j1", nonce="n1"):
    return store.once("claim", name, "o1", nonce, 720_000, 0, KEEP, "")


def queue(store, what="show", name="*"):
    return store.once("queue", what, name)[1:]


def test_all_mail_is_held_and_stays_where_it_is(store):
    due = store.accept()
    since = queue(store, "pause")[1]
    assert queue(store, "pause") == ["*", since, 0]  # since the first time
    assert store.call("room")[1:] == ["*", str(since)]
    before = store.state()
    assert store.claim() == ["held", "*"]
    assert store.state() == before
    assert store.once("heartbeat", "o1", 60_000, "0 0 pid 1")[1:] == [since, 0, 0]
    assert queue(store, "resume") == []
    assert store.claim()[0] == "claimed" and int(store.field("next_at")) == due


@pytest.mark.parametrize("fields, results, held", [
    ({"to": ["a@example.net"]}, None, True),
    ({"to": "a@example.net"}, None, True),
    ({"to": ["a@b.c"], "cc": ["A <a@example.net>"]}, None, True),
    ({"to": ["a@b.c"], "bcc": ["a@example.net"]}, None, True),
    ({"to": ["a@b.c"]}, None, False),
    ({"to": ["a@sub.example.net"]}, None, False),
    ({"to": ["a@example.net.org"]}, None, False),
    ({"to": ["a@b.c"], "body": "to a@example.net"}, None, False),
    ({"to": ["a@b.c", "a@example.net"]}, "taken", False),
    ({"to": ["a@b.c", "a@example.net"]}, "refused", False),
    ({"to": ["a@b.c", "a@example.net"]}, "waiting", True),
])
def test_a_mail_is_held_while_a_recipient_of_it_is(store, fields, results, held):
    store.once("accept", *mail("j1", payload(**fields)))
    if results:
        store.redis.hset("job:j1", "recipients", json.dumps(
            [{"address": "a@example.net", "state": results}]))
    queue(store, "pause", "example.net")
    assert claim(store)[0] == ("held" if held else "claimed")
    assert store.redis.exists("parked:example.net") == held


def test_a_parked_job_goes_back_to_the_outbox(store):
    due = {}
    for name in ("j1", "j2", "j3"):
        due[name] = store.once("accept",
                               *mail(name, payload(to=["a@example.net"])))
        store.once("published", name, due[name])
    queue(store, "pause", "example.net")
    for name in due:
        assert claim(store, name) == ["held", "example.net"]
    assert queue(store)[2] == 3
    store.redis.zadd("jobs:due", {"j1": 1})
    found = sweep(store, judge=1, empty_for=0, overdue_after=0)
    assert not found["publish"] and not found["overdue"]
    store.redis.hset("job:j3", "status", "cancelled")
    queue(store, "resume", "example.net")
    found = [sweep(store, limit=2) for _ in range(2)]
    assert [one["more"] for one in found] == [1, 0]
    assert sorted(found[0]["publish"][::6] + found[1]["publish"][::6]) == [
        "j1", "j2"]
    assert not store.redis.keys("park*") and not store.field("parked")
    assert claim(store, "j1", "n2")[0] == "claimed"


def test_the_time_of_a_pause_does_not_count(store):
    store.once("accept", *mail("j1", payload(to=["a@example.net"])))
    seq = store.claim()[1]
    later = store.twice("defer", "j1", "o1", seq, "[]", 450, "later", 0,
                        60_000, KEEP, 1)
    give_up_at = int(store.field("give_up_at"))
    store.redis.hset("job:j1", "next_at", later[2] - 600_000)
    queue(store, "pause", "example.net")
    assert claim(store, nonce="n2") == ["held", "example.net"]
    assert store.field("attempt") == "1"
    queue(store, "resume", "example.net")
    assert store.claim(nonce="n3")[2] == 2
    assert int(store.field("give_up_at")) > give_up_at + 590_000
