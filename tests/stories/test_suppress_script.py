# SPDX-License-Identifier: MIT
"""The scripts of the suppression list, each on a real Redis."""

import json
import time

from scripts import KEEP, mail, server, store  # noqa: F401  fixtures

A, B, C = "a@b.c", "ann@example.com", "bob@example.com"


def suppress(store, address=A, scope="*", reason="unsubscribe", until=0,  # noqa: F811
             reply="said no", job="j0", by="k1"):
    answer, text = store.call("suppress", address, scope, reason, reply, job,
                              0, until, by, KEEP)
    return answer, json.loads(text)


def page(store, removed=0, address="", domain="", scope="", reason="",  # noqa: F811
         behind=0, limit=100, look=5000):
    total, following, *texts = store.call(
        "suppressions", removed, address, domain, scope, reason, behind, limit,
        look)
    return total, following, [json.loads(text) for text in texts]


def accept(store, *mails):  # noqa: F811
    """Each a (id, to, fields); the answers of one call, the same again."""
    arguments = []
    for job_id, to, fields in mails:
        one = list(mail(job_id, "{}", **fields))
        one[1] = json.dumps(to)
        arguments += one
    answers = store.call("accept", *arguments)
    before = store.state()
    again = store.call("accept", *arguments)
    assert list(map(timeless, again)) == list(map(timeless, answers))
    assert store.state() == before
    return answers


def timeless(answer):
    return answer if isinstance(answer, int) else answer[:2] + answer[3:]


def marks(results):
    """Workers of before the list know no state but waiting, taken, refused."""
    return {one["address"]: (one["state"], one["reply"])
            for one in json.loads(results)}


def test_on_the_list_once(store):  # noqa: F811
    answer, one = suppress(store, "Ann@Example.com")
    assert answer == "added"
    created = one.pop("created_at")
    assert one == {
        "object": "suppression", "id": "1", "address": B, "list": None,
        "reason": "unsubscribe", "reply": "said no", "job_id": "j0",
        "occurred_at": created, "created_by": "k1", "expires_at": None,
        "removed_at": None, "removed_by": None}
    before = store.state()
    answer, again = suppress(store, B, reply="once more")
    assert answer == "known" and again["reply"] == "said no"
    assert store.state() == before
    assert suppress(store, B, reason="hard_bounce")[0] == "added"
    assert suppress(store, B, scope="news")[0] == "added"
    assert [(s["list"], s["reason"]) for s in page(store)[2]] == [
        ("news", "unsubscribe"), (None, "hard_bounce"), (None, "unsubscribe")]
    assert page(store, address=B)[2] == page(store)[2]


def test_a_later_end_counts(store):  # noqa: F811
    soon, later = int(time.time() * 1000) + 600, 4_000_000_000_000
    suppress(store, B, until=later)
    assert suppress(store, B, until=soon)[1]["expires_at"] == "2096-10-02T07:06:40.000Z"
    assert suppress(store, B)[1]["expires_at"] is None
    assert not store.redis.exists("suppressions:expiring")
    suppress(store, A, until=soon)
    assert accept(store, ("j1", [A], {}))[0][0] == "suppressed"
    while time.time() * 1000 <= soon:
        time.sleep(0.05)
    assert isinstance(accept(store, ("j2", [A], {}))[0], int)
    assert [s["address"] for s in page(store)[2]] == [B]
    store.twice("forget", 100, KEEP)
    assert store.redis.hkeys("suppressed") == [B]
    assert [(s["address"], s["removed_by"]) for s in page(store, 1)[2]] == [
        (A, "expiry")]


def test_taken_back(store):  # noqa: F811
    for scope in ("*", "news"):
        for reason in ("manual", "complaint"):
            suppress(store, B, scope, reason)
    removed = [json.loads(text) for text in store.call(
        "unsuppress", "ANN@example.com", "news", "manual", "k2")]
    assert [(s["list"], s["reason"], s["removed_by"]) for s in removed] == [
        ("news", "manual", "k2")]
    assert removed[0]["removed_at"] is not None
    before = store.state()
    assert store.call("unsuppress", B, "news", "manual", "k2") == []
    assert store.state() == before
    assert len(store.call("unsuppress", B, "*", "", "k2")) == 2
    assert len(store.call("unsuppress", B, "", "", "k2")) == 1
    for key in ("suppressed", "suppressions"):
        assert not store.redis.exists(key)
    assert len(page(store, 1)[2]) == 4 and page(store, 1)[2][-1] == removed[0]
    assert suppress(store, B, "news", "manual")[0] == "added"


def test_page_by_page(store):  # noqa: F811
    for n in range(25):
        suppress(store, f"p{n}@{'x.example' if n % 5 else 'y.example'}")
    seen, behind = [], 0
    while True:
        total, behind, part = page(store, behind=behind, limit=7)
        assert total == 25 and (len(part) == 7) == (behind > 0)
        seen += part
        if not behind:
            break
    assert [s["address"].partition("@")[0] for s in seen] == [
        f"p{n}" for n in reversed(range(25))]
    assert page(store, limit=25)[1] == 0
    found = page(store, domain="y.example")[2]
    assert len(found) == 5
    # A search that may look at 3 only goes on behind them.
    seen, behind, turns = [], 0, 0
    while turns == 0 or behind:
        _, behind, part = page(store, domain="y.example", behind=behind, look=3)
        seen += part
        turns += 1
    assert seen == found and turns == 9
    assert page(store, reason="complaint")[2] == []
    assert len(page(store, scope="*")[2]) == 25 and not page(store, scope="n")[2]


def test_accept_one_of_several(store):  # noqa: F811
    suppress(store, B)
    answer, = accept(store, ("j1", [A, B], {"cc": '["C <carl@x.y>"]'}))
    assert answer[0] == "suppressed" and answer[1] == answer[2] > 0
    status, _, told = answer[3].partition(" ")
    assert status == "queued" and json.loads(told) == [
        {"address": B, "reason": "unsubscribe", "list": None}]
    assert store.status() == "queued" and len(store.outbox()) == 1
    claimed = store.claim()
    assert marks(claimed[5]) == {
        A: ("waiting", None), "carl@x.y": ("waiting", None),
        B: ("refused", "suppressed: unsubscribe")}
    fields = store.once("show", "j1", KEEP)[0]
    shown = dict(zip(fields[::2], fields[1::2]))
    assert marks(shown["recipients"])[B] == (
        "suppressed", "suppressed: unsubscribe")


def test_accept_when_nobody_is_left(store):  # noqa: F811
    suppress(store, A, "news", "complaint")
    suppress(store, B)
    assert isinstance(accept(store, ("j0", [A], {}))[0], int)
    answer, = accept(store, ("j1", [A], {
        "bcc": f'["Ann <{B}>"]', "list": "news", "expires_at": "4000000000000"}))
    assert answer[:2] == ["suppressed", 0]
    status, _, told = answer[3].partition(" ")
    assert status == "failed" and json.loads(told) == [
        {"address": A, "reason": "complaint", "list": "news"},
        {"address": B, "reason": "unsubscribe", "list": None}]
    assert [(h["seq"], h["status"]) for h in store.history()] == [
        (1, "queued"), (2, "failed")]
    assert (store.status(), store.field("reason"), store.field("seq")) == (
        "failed", "suppressed", "2")
    assert store.redis.zrange("jobs:status:failed", 0, -1) == ["j1"]
    assert store.redis.zscore("jobs:ended", "j1") > time.time() * 1000
    for index in ("jobs:due", "jobs:status:queued", "jobs:expiring", "outbox"):
        assert "j1" not in " ".join(store.redis.zrange(index, 0, -1)), index
    assert store.once("claim", "j1", "o", "n", 1000, 0, KEEP, "") == ["skip"]
    # Once it is taken back, a retry sends it.
    assert store.call("retry", "j1", 0, "w1", KEEP)[0] in ("done", "expired")


def test_a_scheduled_one(store):  # noqa: F811
    suppress(store, B)
    answer, = accept(store, ("j1", [A, B], {"scheduled_at": "4000000000000"}))
    assert answer[:2] == ["suppressed", 4000000000000]
    assert answer[3].startswith("scheduled [")


def test_a_key_that_was_used(store):  # noqa: F811
    suppress(store, B)
    for job_id, to in (("j1", B), ("j2", A)):
        one = list(mail(job_id, "{}", job_id, 1000, "to", "1" * 64))
        one[1] = json.dumps([to])
        store.call("accept", *one)
        one[0] = "again"
        answer = store.call("accept", *one)[0]
        assert answer[:2] == ["again", job_id]
        assert len(answer) == (6 if to == B else 4)
    assert store.redis.pttl("idem:j1") > 0 > store.redis.pttl("idem:j2")


def test_claim_after_the_fact(store):  # noqa: F811
    """Suppressed after it was accepted; who has it is left as he is."""
    accept(store, ("j1", [A, B, C], {"list": "news"}))
    claimed = store.claim()
    assert claimed[5] == ""
    results = json.dumps([
        {"address": A, "state": "taken", "code": 250, "reply": "250 ok"},
        {"address": B, "state": "waiting", "code": 451, "reply": "451 no"},
        {"address": C, "state": "waiting", "code": 451, "reply": "451 no"}])
    store.once("defer", "j1", "o1", claimed[1], results, 451, "451 no", 0,
               KEEP, KEEP, 1, "")
    suppress(store, A)
    suppress(store, C, "news", "complaint")
    time.sleep(0.01)
    claimed = store.claim(nonce="n2")
    assert marks(claimed[5]) == {
        A: ("taken", "250 ok"), B: ("waiting", "451 no"),
        C: ("refused", "suppressed: complaint, list news")}


def test_before_a_dot(store):  # noqa: F811
    suppress(store, B, "news")
    assert store.twice("suppressed", "", A, B) == 0
    assert store.twice("suppressed", "news", A, "Ann@example.com") == 1


def test_recreate(store):  # noqa: F811
    """Redis lost the mail, and the list is there."""
    suppress(store, B)
    at = int(time.time() * 1000)
    assert store.once("recreate", "j9", json.dumps([A, B]), "s", "", "{}", at,
                      at, KEEP, "Recovered", "") == ["missing"]
    assert marks(store.claim("j9")[5]) == {
        B: ("refused", "suppressed: unsubscribe")}


def test_what_changed_without_a_record_is_recorded_later(store):  # noqa: F811
    """A part at a time, and each change once; this store has no record."""
    for address in (A, B, C):
        suppress(store, address)
    store.call("unsuppress", B, "", "", "k2")

    def mirrored():
        before = store.redis.llen("suppressions:unrecorded")
        while store.call("mirror", 1):
            pass
        state = store.state()
        assert store.call("mirror", 1) == 0 and store.state() == state
        return [(it["address"], it["removed_by"]) for it in map(
            json.loads, store.redis.lrange("suppressions:unrecorded", before,
                                           -1))]

    assert mirrored() == [(A, None), (C, None), (B, "k2")]
    assert mirrored() == []
    suppress(store, B, reason="manual")
    assert (B, None) in mirrored()
