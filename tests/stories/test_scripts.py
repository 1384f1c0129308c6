# SPDX-License-Identifier: MIT
"""Each script of the store against a real Redis, and each sent twice: a lost
reply may be asked for again. Those of the sweeper: test_sweep_script.py."""

import json
import pathlib
import re
import time

import pytest
import redis
from rig import BUILD
from scripts import KEEP, Store, mail, server, store

assert server and store  # the fixtures


def test_every_script_is_tested():
    """Each has a test in one of these files that calls it."""
    here = pathlib.Path(__file__).parent
    text = "".join(path.read_text() for path in here.glob("test_*script*.py"))
    for path in (BUILD / "lib" / "lua" / "plain").glob("*.lua"):
        assert re.search(rf'(call|once|twice)\(\s*"{path.stem}"'
                         rf"|store\.{path.stem}\(", text), path.stem


def test_heartbeat_and_history_may_be_sent_again(store):
    before = store.once("heartbeat", "o1", 60_000, "0 0 pid 1", "")
    assert before <= store.once("heartbeat", "o1", 60_000, "0 0 pid 1", "")
    assert store.redis.smembers("owners") == {"o1"}
    store.accept()
    assert store.twice("history", "", "", 0, 10)[0] == 1


def test_what_is_signed_is_known_as_long_as_who_signs_it_lives(store):
    store.once("heartbeat", "o1", 60_000, "0 0 pid 1", "a.example b.example")
    store.once("heartbeat", "o2", 60_000, "0 0 pid 2", "")
    assert store.twice("signing") == ["a.example b.example"]
    assert 0 < store.redis.pttl("dkim:o1") <= 60_000
    store.redis.delete("dkim:o1")
    assert store.twice("signing") == []


def test_accept_publish_claim_sent(store):
    due = store.accept(payload='{"x":1}')
    assert store.outbox() == [f"j1 {due}"]
    store.twice("published", "j1", due)
    assert not store.redis.exists("outbox")
    claim = store.claim(payload=1)
    assert claim[:3] == ["claimed", 2, 1] and claim[6] == '{"x":1}'
    assert store.claim(owner="o2", nonce="n2") == ["not_now"]
    assert store.twice("owned", "o1", 10) == ["j1", 2, '["a@b.c"]', ""]
    assert store.twice("sent", "j1", "o1", claim[1], "[]", 250, '250 "ok"',
                       KEEP, "0", "") == ["settled", "completed", 0]
    assert store.claim(nonce="n3") == ["skip"]
    assert [entry["status"] for entry in store.history()] == [
        "queued", "processing", "completed"]
    assert not any(map(store.redis.exists, ("outbox", "jobs:due")))
    assert store.twice("owned", "o1", 10) == []
    assert store.field("payload") == ""
    assert store.redis.zrange("jobs:status:completed", 0, -1) == ["j1"]


def test_a_group(store):
    """Each gets its own answer, whatever the others run into."""
    for job_id in ("j1", "j2", "j4"):
        store.accept(job_id)
    store.redis.set("job:j3", '{"status":"completed","to":"a@b.c"}')
    store.redis.hset("job:j4", "seq", "not a number")
    lease = (720_000, 0, KEEP, "")
    how = [word for job_id, nonce in (
        ("j1", "n1"), ("j4", "n2"), ("none", "n3"), ("j1", "n4"),
        ("j3", "n5"), ("j2", "n6")) for word in (job_id, "o1", nonce, *lease)]
    one, bad, missing, again, old, two = store.call("claim", *how)
    assert [one[0], missing, again, old, two[0]] == [
        "claimed", ["missing"], ["not_now"], ["skip"], "claimed"]
    assert "arithmetic" in str(bad)
    before = store.state()
    assert [answer[0] for answer in store.call("claim", *how)[::5]] == [
        "claimed", "claimed"]
    assert store.state() == before
    assert store.redis.zrange("jobs:status:processing", 0, -1) == ["j1", "j2"]
    end = ("[]", 250, "ok", KEEP, "0", "")
    how = ("j1", "o1", one[1], *end, "j4", "o1", 2, *end, "j2", "o1", two[1],
           *end)
    assert [answer[0] for answer in store.call("sent", *how)[::2]] == [
        "settled", "settled"]
    before = store.state()
    assert store.call("sent", *how)[2] == ["settled", "completed", 0]
    assert store.state() == before
    assert store.redis.zrange("jobs:status:completed", 0, -1) == [
        "j1", "j2", "j3"]
    assert store.redis.zcard("jobs:status:processing") == 0
    assert store.redis.zrange("jobs:due", 0, -1) == ["j4"]


def test_accept_by_a_key(store):
    def accept(job_id, *fields):
        return store.once("accept", *mail(job_id, "{}", "r", KEEP, *fields))

    due = accept("j1", "to", "1", "body", "2")
    assert accept("j1", "to", "1", "body", "2") == due  # its reply was lost
    before = store.state()
    word, first, age, waits = accept("j2", "to", "1", "body", "2")
    assert (word, first, waits) == ("again", "j1", 1) and age >= 0
    assert accept("j2", "to", "0", "body", "0") == ["differs", "j1", "to"]
    assert accept("j2", "to", "1", "body", "0") == ["differs", "j1", "body"]
    assert accept("j2", "to", "1") == ["differs", "j1", "body"]
    assert accept("j2", "to", "1", "cc", "1", "body", "2") == [
        "differs", "j1", "cc"]
    assert store.state() == before
    store.once("published", "j1", due)
    assert accept("j2", "to", "1", "body", "2")[3] == 0
    claim = store.claim()
    assert store.redis.pttl("idem:r") == -1
    store.twice("fail", "j1", "o1", claim[1], "[]", 550, "no", "rejected", KEEP)
    assert 0 < store.redis.pttl("idem:r") <= KEEP
    store.redis.delete("idem:r")  # as its time is over
    assert isinstance(accept("j2", "to", "0"), int)  # a key that is free again


def test_accept_several(store):
    """Each has its own answer, also where two are one mail."""
    mails = (*mail("j1"), *mail("j2", "{}", "r", 40, "to", "1"),
             *mail("j3", "{}", "r", 40, "to", "1"),
             *mail("j4", "{}", "r", 40, "to", "2"), *mail("j5"))
    answers = store.call("accept", *mails)
    at = answers[0]
    assert answers == [at, at, ["again", "j2", 0, 1], ["differs", "j2", "to"],
                       at]
    assert store.outbox() == [f"{one} {at}" for one in ("j1", "j2", "j5")]
    for index in ("jobs:created", "jobs:status:queued", "jobs:due"):
        assert store.redis.zrange(index, 0, -1) == ["j1", "j2", "j5"]
    before = store.state()
    repeated = store.call("accept", *mails)
    assert repeated[2].pop(2) >= 0 and answers[2].pop(2) == 0  # their age
    assert repeated == answers and store.state() == before


def test_accept_spoils_no_other(store):
    store.redis.set("idem:r", "no record of ours")
    answers = store.call("accept", *mail("j1"), *mail("j2", "{}", "r", 40),
                         *mail("j3"))
    assert answers[0] == answers[2]
    assert isinstance(answers[1], redis.ResponseError)
    assert store.once("show", "j2", KEEP) is None
    assert store.redis.zrange("jobs:due", 0, -1) == ["j1", "j3"]


def test_a_newer_time_stays_in_the_outbox(store):
    due = store.accept()
    claim = store.claim()
    answer = store.twice("defer", "j1", "o1", claim[1], "[]", 451, "later",
                         60_000, 999_000, KEEP, 1)
    store.once("published", "j1", due)  # late, for the time before
    assert store.outbox() == [f"j1 {answer[2]}"]
    assert store.claim(nonce="n2")[0] == "early"
    store.once("published", "j1", answer[2])
    assert not store.redis.exists("outbox")
    assert store.claim(nonce="n2") == ["not_due"]


def test_defer_until_it_is_given_up(store):
    store.accept()
    claim = store.claim()
    assert store.twice("defer", "j1", "o1", claim[1], "[]", 451, "later", 1, 50,
                       KEEP, 1)[1] == "retrying"
    assert store.field("reason") == "deferred"
    claim = store.claim(nonce="n2")
    assert claim[:3] == ["claimed", 4, 2]
    time.sleep(0.06)
    assert store.twice("defer", "j1", "o1", claim[1], "[]", 452, "full", 1, 50,
                       KEEP, 1) == ["settled", "failed", 0]
    assert [store.field(name) for name in (
        "reason", "retry_count", "last_code", "last_error")] == [
            "gave_up", "2", "452", "full"]


@pytest.mark.parametrize("hours", [0, 2])
def test_time_that_nobody_could_take_it_does_not_count(store, hours):
    """As when the relay is down while it is due: but for a second."""
    store.accept()
    claim = store.claim()
    store.once("defer", "j1", "o1", claim[1], "[]", 451, "x", 1, 50, KEEP, 1)
    before = int(store.field("give_up_at"))
    due = store.redis.hincrby("job:j1", "next_at", -3_600_000 * hours)
    claim = store.claim(nonce="n2")
    late = max(0, int(store.field("updated_at")) - due - 1000)
    assert int(store.field("give_up_at")) == before + late
    store.redis.hset("job:j1", "give_up_at", before - 3_600_000)
    assert store.once("defer", "j1", "o1", claim[1], "[]", 451, "x", 1, 50,
                      KEEP, 1)[1] == "failed"


def test_the_last_attempt_is_when_it_is_given_up(store):
    store.accept()
    claim = store.claim()
    store.once("defer", "j1", "o1", claim[1], "[]", 451, "x", 9000, 50, KEEP, 1)
    assert store.field("next_at") == store.field("give_up_at")


def test_an_attempt_that_took_some_has_not_failed(store):
    store.accept()
    claim = store.claim()
    store.twice("defer", "j1", "o1", claim[1], "[]", 452, "x", 1, 50, KEEP, 0)
    assert store.field("retry_count") == "0"


def test_release_burns_no_attempt(store):
    store.accept()
    for turn in range(3):
        claim = store.claim(nonce=f"n{turn}")
        assert claim[2] == 1
        assert store.twice("release", "j1", "o1", claim[1], "why",
                           KEEP)[1] == "queued"


def test_a_claim_that_comes_late_takes_nothing(store):
    """Sent again on a new connection, answered and given back; then the old
    connection's bytes reach Redis."""
    store.accept()
    claim = store.claim(nonce="n1")
    store.call("release", "j1", "o1", claim[1], "relay is down", KEEP)
    assert store.claim(nonce="n1") == ["not_now"]
    assert store.status() == "queued"
    assert store.claim(nonce="n2")[0] == "claimed"


def test_the_fence(store):
    store.accept()
    claim = store.claim()
    for step in (("sent", "[]", 250, "ok", KEEP, "0", ""),
                 ("defer", "[]", 451, "x", 1, 1, KEEP, 1),
                 ("fail", "[]", 550, "x", "rejected", KEEP),
                 ("unknown", "", "x", 1, 1, KEEP), ("release", "x", KEEP)):
        for owner, seq in (("o2", claim[1]), ("o1", claim[1] + 1)):
            assert store.once(step[0], "j1", owner, seq, *step[1:])[0] == "lost"
    assert store.status() == "processing" and len(store.history()) == 2


def test_unknown_once_then_for_a_person(store):
    store.accept()
    claim = store.claim()
    assert store.twice("unknown", "j1", "o1", claim[1], "", "cut", 1, 1, KEEP
                       )[1] == "retrying"
    time.sleep(0.01)
    claim = store.claim(nonce="n2")
    assert store.twice("unknown", "j1", "o1", claim[1], "", "cut", 1, 1, KEEP
                       ) == ["settled", "unknown", 0]
    assert [entry["message"] for entry in store.history()].count(
        "outcome unknown") == 2
    # The journal's proof comes late.
    assert store.once("sent", "j1", "o1", claim[1], "[]", 250, "ok", KEEP, "0", ""
                      ) == ["late", "completed", 0]
    assert store.status() == "completed"


def test_late_proof_while_another_has_it_is_noted(store):
    store.accept()
    first = store.claim()
    store.once("unknown", "j1", "o1", first[1], "", "cut", 1, 1, KEEP)
    time.sleep(0.01)
    second = store.claim(owner="o2", nonce="n2")
    assert store.once("sent", "j1", "o1", first[1], "[]", 250, "ok", KEEP, "0", ""
                      )[:2] == ["late", "processing"]
    assert store.history()[-1]["message"] == "also taken by the relay"
    assert store.once("sent", "j1", "o2", second[1], "[]", 250, "ok", KEEP, "0", ""
                      )[0] == "settled"


def test_proof_of_some_recipients_only(store):
    store.accept()
    first = store.claim()
    store.once("unknown", "j1", "o1", first[1], "", "cut", 1, 1, KEEP)
    results = '[{"address":"a@b.c","state":"taken"}]'
    how = ("j1", "o1", first[1], results, 250, "ok", KEEP, "0")
    assert store.twice("proven", *how, 1) == ["late", "retrying", 0]
    assert store.field("recipients") == results


def test_proven_completes_what_waits_and_notes_the_rest(store):
    store.accept()
    first = store.claim()
    how = ("j1", "o1", first[1], "[]", 250, "ok", KEEP, "0", 0)
    assert store.twice("proven", *how)[0] == "lost"  # its owner will settle
    store.once("unknown", "j1", "o1", first[1], "", "cut", 1, 1, KEEP)
    assert store.twice("proven", *how) == ["late", "completed", 0]
    assert store.field("payload") == ""
    store.accept("j2")
    first = store.claim("j2")
    store.once("unknown", "j2", "o1", first[1], "", "cut", 1, 1, KEEP)
    time.sleep(0.01)
    store.claim("j2", owner="o2", nonce="n2")
    how = ("j2", "o1", first[1], "[]", 250, "ok", KEEP, "0", 0)
    assert store.twice("proven", *how) == ["late", "processing", 0]
    assert store.history("j2")[-1]["message"] == "also taken by the relay"


def test_which_claims_of_a_journal_have_no_outcome(store):
    def proof(restored, *claims):
        return store.twice("proof", "o1", restored, *claims)

    store.accept(payload="p")
    first = store.claim()
    assert proof(0, "j1", first[1], 1, "j2", 5, 1) == []
    store.once("unknown", "j1", "o1", first[1], "", "cut", 1, 1, KEEP)
    row = ["j1", first[1], '["a@b.c"]', ""]
    assert proof(0, "j1", first[1], 0, "j2", 5, 1) == []
    assert proof(0, "j1", first[1], 1, "j1", first[1] + 1, 0) == row
    # Of a store that went back in time: the job knows no such claim.
    row[1] = 99
    assert proof(0, "j1", 99, 0) == []
    assert proof(0, "j1", 99, 1) == proof(1, "j1", 99, 0) == row
    assert not store.redis.exists("jobs:tombstones")
    assert store.once("proof", "o1", 1, "j2", 5, 1, "j3", 5, 0) == []
    assert store.claim("j2") == ["skip"] and store.claim("j3") == ["missing"]


def test_claims_of_a_lost_future(store):
    """As before a Redis that was restored: the proof is taken all the same."""
    store.accept()
    assert store.twice("unknown", "j1", "o9", 8, "", "cut", 1, 1, KEEP
                       )[1] == "retrying"
    assert store.twice("sent", "j1", "o8", 9, "[]", 250, "ok", KEEP, "0", ""
                       ) == ["late", "completed", 0]
    assert store.once("unknown", "j1", "o9", 99, "", "cut", 1, 1, KEEP
                      )[0] == "lost"  # it is over


def test_recreate(store):
    assert store.claim("old") == ["missing"]
    how = ("old", '["a@b.c"]', "s", "", "{}")
    assert store.twice("recreate", *how, 0, 0, KEEP, "Job queued", "") == [
        "missing"]
    assert store.claim("old")[0] == "claimed"
    day_ago = int(time.time() * 1000) - 25 * 3600 * 1000
    assert store.once("recreate", "late", *how[1:], day_ago, day_ago, KEEP,
                      "Job queued", "") == ["orphan"]
    assert store.status("late") == "unknown"
    assert store.once("recreate", "byid", "[]", "", "", "", 0, 0, KEEP, "x",
                      "") == ["orphan"]
    assert store.redis.hget("job:byid", "reason") == "payload_lost"


def test_recreated_before_its_time(store):
    """The hint in hand is early, and goes back up the ladder."""
    due = int(time.time() * 1000) + 3_600_000
    assert store.once("recreate", "j1", '["a@b.c"]', "s", "", "{}", due, 0,
                      KEEP, "x", "[]") == ["missing"]
    assert store.claim() == ["early", due, "", 0]
    assert store.field("recipients") == "[]"  # as the message had them
    store.twice("published", "j1", due)
    assert store.claim() == ["not_due"]


def test_a_job_of_the_older_system(store):
    store.redis.set("job:old", json.dumps(
        {"job_id": "old", "status": "completed", "to": "a@b.c"}))
    store.redis.set("job:half", json.dumps(
        {"job_id": "half", "status": "processing", "to": ["a@b.c"]}))
    store.redis.set("job:odd", "not JSON")
    assert store.claim("old") == ["skip"]
    fields, history = store.twice("show", "half", KEEP)
    assert dict(zip(fields[::2], fields[1::2]))["status"] == "unknown"
    assert json.loads(history[0])["message"] == (
        "Taken over from the older system, was processing")
    assert store.twice("show", "odd", KEEP)
    assert store.once("history", "", "", 0, 10)[0] == 3


def test_history_keeps_first_and_last(store):
    store.accept()
    for turn in range(40):
        claim = store.claim(nonce=f"n{turn}")
        store.once("release", "j1", "o1", claim[1], "why", KEEP)
    seqs = [entry["seq"] for entry in store.history()]
    assert seqs == [1, 2, 3, 4, 5, *range(37, 82)]
    fields = store.once("show", "j1", KEEP)[0]
    assert dict(zip(fields[::2], fields[1::2]))["history_omitted"] == "31"
    assert len([name for name in store.redis.hkeys("job:j1")
                if re.fullmatch(r"h\d+", name)]) == 50


def test_postpone(store):
    """Its message comes later; the job is due all the same."""
    due = store.accept()
    back = due + 10_000
    assert store.twice("postpone", "j1", back) == 1
    assert int(store.field("published_at")) == back
    assert store.redis.zscore("jobs:due", "j1") == back + 60_000
    assert int(store.field("next_at")) == due and store.outbox()
    assert store.claim()[0] == "claimed"
    assert store.once("postpone", "j1", back) == 0
    assert store.once("postpone", "j2", back) == 0
