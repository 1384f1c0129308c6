# SPDX-License-Identifier: MIT
"""Each script of the store against a real Redis, and each sent twice: a lost
reply may be asked for again."""

import json
import re
import time

import pytest
import redis
from rig import BUILD
from stack import ports
from stack.redis import Redis

KEEP = 60_000


class Store:
    def __init__(self, url):
        self.redis = redis.Redis.from_url(url, decode_responses=True)
        self.shas = {path.stem: self.redis.script_load(path.read_text())
                     for path in (BUILD / "lib" / "lua").glob("*.lua")}

    def once(self, name, *args):
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
        return self.twice("accept", job_id, '["a@b.c"]', "s", "", payload)

    def claim(self, job_id="j1", owner="o1", nonce="n1", payload=0):
        return self.twice("claim", job_id, owner, nonce, 720_000, payload, KEEP)

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
    server.start()
    yield server
    server.stop()


@pytest.fixture
def store(server):
    store = Store(server.url)
    store.redis.flushall()
    store.__init__(server.url)
    return store


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
                       KEEP, "0") == ["settled", "completed", 0]
    assert store.claim(nonce="n3") == ["skip"]
    assert [entry["status"] for entry in store.history()] == [
        "queued", "processing", "completed"]
    assert not store.redis.exists("outbox", "jobs:due")
    assert store.twice("owned", "o1", 10) == []
    assert store.field("payload") == ""
    assert store.redis.zrange("jobs:status:completed", 0, -1) == ["j1"]


def test_accept_by_a_key(store):
    def accept(job_id, *fields):
        return store.once("accept", job_id, '["a@b.c"]', "s", "", "{}", "r", 40,
                          *fields)

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
    assert 0 < store.redis.pttl("idem:r") <= 40
    time.sleep(0.06)
    assert isinstance(accept("j2", "to", "0"), int)  # a key that is free again


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
        assert store.twice("release", "j1", "o1", claim[1], "why")[1] == "queued"


def test_the_fence(store):
    store.accept()
    claim = store.claim()
    for step in (("sent", "[]", 250, "ok", KEEP, "0"),
                 ("defer", "[]", 451, "x", 1, 1, KEEP, 1),
                 ("fail", "[]", 550, "x", "rejected", KEEP),
                 ("unknown", "", "x", 1, 1, KEEP), ("release", "x")):
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
    assert store.once("sent", "j1", "o1", claim[1], "[]", 250, "ok", KEEP, "0"
                      ) == ["late", "completed", 0]
    assert store.status() == "completed"


def test_late_proof_while_another_has_it_is_noted(store):
    store.accept()
    first = store.claim()
    store.once("unknown", "j1", "o1", first[1], "", "cut", 1, 1, KEEP)
    time.sleep(0.01)
    second = store.claim(owner="o2", nonce="n2")
    assert store.once("sent", "j1", "o1", first[1], "[]", 250, "ok", KEEP, "0"
                      )[:2] == ["late", "processing"]
    assert store.history()[-1]["message"] == "also taken by the relay"
    assert store.once("sent", "j1", "o2", second[1], "[]", 250, "ok", KEEP, "0"
                      )[0] == "settled"


def test_proof_of_some_recipients_only(store):
    store.accept()
    first = store.claim()
    store.once("unknown", "j1", "o1", first[1], "", "cut", 1, 1, KEEP)
    results = '[{"address":"a@b.c","state":"taken"}]'
    assert store.twice("sent", "j1", "o1", first[1], results, 250, "ok", KEEP,
                       "0", 1) == ["late", "retrying", 0]
    assert store.field("recipients") == results


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
    assert store.twice("sent", "j1", "o8", 9, "[]", 250, "ok", KEEP, "0"
                       ) == ["late", "completed", 0]
    assert store.once("unknown", "j1", "o9", 99, "", "cut", 1, 1, KEEP
                      )[0] == "lost"  # it is over


def test_recreate(store):
    assert store.claim("old") == ["missing"]
    how = ("old", '["a@b.c"]', "s", "", "{}")
    assert store.once("recreate", *how, 0, 0, KEEP, "Job queued") == ["missing"]
    assert store.claim("old")[0] == "claimed"
    day_ago = int(time.time() * 1000) - 25 * 3600 * 1000
    assert store.once("recreate", "late", *how[1:], day_ago, day_ago, KEEP,
                      "Job queued") == ["orphan"]
    assert store.status("late") == "unknown"
    assert store.once("recreate", "byid", "[]", "", "", "", 0, 0, KEEP, "x"
                      ) == ["orphan"]
    assert store.redis.hget("job:byid", "reason") == "payload_lost"


def test_forget_leaves_a_tombstone(store):
    store.accept()
    claim = store.claim()
    store.once("sent", "j1", "o1", claim[1], "[]", 250, "ok", 1, "0")
    time.sleep(0.01)
    assert store.once("forget", 100) == 1
    assert store.claim() == ["skip"]
    assert store.once("recreate", "j1", '["a@b.c"]', "s", "", "{}", 0, 0, KEEP,
                      "x") == ["skip"]
    assert {key for key in store.redis.keys() if "j1" in key} == set()
    assert store.once("history", "", "", 0, 10) == [0]


def sweep(store, owner="s1", limit=100, publish=1, judge=0, empty_for=-1,
          uptime=0, overdue_after=60_000):
    """What it found, by name; None: another one sweeps."""
    answer = store.once("sweep", owner, 60_000, limit, 10, overdue_after,
                        300_000, 262_144, publish, judge, empty_for, uptime)
    return dict(zip(("at", "more", "publish", "dead", "expired", "overdue"),
                    answer)) if answer else None


def test_sweep_publishes_what_waits_in_the_outbox(store):
    due = store.accept()
    time.sleep(0.02)
    assert sweep(store, publish=0)["publish"] == []  # the broker is away
    first = sweep(store)
    assert first["publish"] == ["j1", due, "{}", ""] and not first["more"]
    assert store.field("published_at") == str(first["at"])
    assert sweep(store, owner="s2") is None  # s1 has the lock
    assert sweep(store)["publish"] == []  # a growing pause


def test_sweep_goes_on_while_there_is_more(store):
    for i in range(5):
        store.once("accept", f"j{i}", '["a@b.c"]', "s", "", "{}")
    time.sleep(0.02)
    found = [sweep(store, limit=2) for _ in range(3)]
    assert [one["more"] for one in found] == [1, 1, 0]
    assert [len(one["publish"]) // 4 for one in found] == [2, 2, 1]
    for i in range(40):
        store.once("accept", f"large{i}", '["a@b.c"]', "s", "", "x" * 250_000)
    time.sleep(0.02)
    found = sweep(store)
    assert found["more"] == 1 and len(found["publish"]) < 40 * 4


def test_sweep_finds_who_is_dead(store):
    store.once("heartbeat", "o9", 1, "0 0 pid 1")
    time.sleep(0.01)
    assert sweep(store)["dead"] == ["o9"]
    assert sweep(store, uptime=10 ** 9)["dead"] == []  # Redis is just back
    assert store.once("owned", "o9", 10) == []  # holds nothing: known no more
    assert sweep(store)["dead"] == []


def test_sweep_leaves_a_claim_to_its_owner_while_he_lives(store):
    store.accept()
    claim = store.claim()
    assert store.twice("owned", "o1", 10)[:2] == ["j1", claim[1]]
    store.redis.zadd("jobs:due", {"j1": 1})  # processing for a minute
    assert sweep(store)["expired"] == []
    lease = int(store.field("lease_until"))
    assert store.redis.zscore("jobs:due", "j1") == lease

    def look_again():
        store.redis.zadd("jobs:due", {"j1": 1})
        store.redis.hset("job:j1", "lease_until", 1)

    look_again()
    store.once("heartbeat", "o1", 60_000, "0 0 pid 1")
    assert sweep(store)["expired"] == []
    assert store.redis.zscore("jobs:due", "j1") > time.time() * 1000
    look_again()
    store.redis.delete("worker:o1")
    assert sweep(store, uptime=10 ** 9)["expired"] == []
    look_again()
    assert sweep(store)["expired"] == ["j1", "o1", claim[1]]


def overdue(store, late, newest=0, waiting=0, **how):
    """Whether a job that was due `late` ms ago is, for workers who were brought
    what came `newest` ms ago, and have left what came `waiting` ms ago."""
    store.redis.flushdb()
    due = store.once("accept", "j1", '["a@b.c"]', "s", "", "{}")
    store.once("published", "j1", due)
    store.redis.hset("job:j1", "next_at", due - late)
    store.redis.zadd("jobs:due", {"j1": 1})
    store.once("heartbeat", "o1", 60_000, " ".join(
        str(due - ago if ago else 0) for ago in (newest, waiting)))
    found = sweep(store, judge=how.pop("judge", 1), **how)
    if found["overdue"]:
        assert found["overdue"] == ["j1"] and found["publish"][0] == "j1"
    else:
        assert not found["publish"]
        assert store.redis.zscore("jobs:due", "j1") > time.time() * 1000
    return bool(found["overdue"])


def test_a_backlog_is_not_overdue(store):
    hour = 3_600_000
    assert overdue(store, late=hour, newest=1)  # others came behind it
    assert not overdue(store, late=hour, newest=hour + 1000)  # its turn comes
    assert not overdue(store, late=hour, newest=hour - 59_000)
    assert overdue(store, late=hour, newest=hour - 61_000)
    assert not overdue(store, late=hour)  # nobody knows how far the queue is
    assert overdue(store, late=hour, empty_for=0)
    assert not overdue(store, late=hour, empty_for=0, waiting=hour + 1)
    assert not overdue(store, late=hour, newest=1, waiting=hour + 1)
    assert not overdue(store, late=hour, newest=1, judge=0)  # the relay is down
    assert not overdue(store, late=50_000, newest=1)
    assert overdue(store, late=3000, newest=1, overdue_after=2000)


def test_what_was_published_late_came_late(store):
    """Behind a broker's outage: its place in the queue is that of its hint."""
    due = store.accept()
    store.redis.hset("job:j1", "next_at", due - 600_000)
    store.redis.zadd("outbox", {f"j1 {due - 600_000}": 1})
    assert sweep(store)["publish"][0] == "j1"
    store.once("published", "j1", due - 600_000)
    store.redis.zadd("jobs:due", {"j1": 1})
    assert sweep(store, judge=1, empty_for=30_000)["overdue"] == []


def test_an_index_forgets_a_job_that_is_gone(store):
    store.accept()
    store.redis.delete("job:j1", "outbox")
    store.redis.zadd("jobs:due", {"j1": 1})
    sweep(store)
    assert {key for key in store.redis.keys() if key.startswith("jobs:")
            } == set()


def test_a_hint_that_is_out_of_date_is_not_published(store):
    """Left in the outbox by a `published` that never came."""
    due = store.accept()
    claim = store.claim()
    answer = store.twice("release", "j1", "o1", claim[1], "why")
    assert store.outbox() == [f"j1 {due}", f"j1 {answer[2]}"]
    time.sleep(0.02)
    assert sweep(store)["publish"] == ["j1", answer[2], "{}", ""]
    assert store.outbox() == [f"j1 {answer[2]}"]
    store.claim(nonce="n2")
    store.redis.zadd("outbox", {f"j1 {answer[2]}": 1})
    assert sweep(store)["publish"] == []  # in somebody's hands
    assert not store.redis.exists("outbox", "outbox:tries")


def test_recreated_before_its_time(store):
    """The hint in hand is early, and goes back up the ladder."""
    due = int(time.time() * 1000) + 3_600_000
    assert store.once("recreate", "j1", '["a@b.c"]', "s", "", "{}", due, 0,
                      KEEP, "x") == ["missing"]
    assert store.claim() == ["early", due]
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
        store.once("release", "j1", "o1", claim[1], "why")
    seqs = [entry["seq"] for entry in store.history()]
    assert seqs == [1, 2, 3, 4, 5, *range(37, 82)]
    fields = store.once("show", "j1", KEEP)[0]
    assert dict(zip(fields[::2], fields[1::2]))["history_omitted"] == "31"
    assert len([name for name in store.redis.hkeys("job:j1")
                if re.fullmatch(r"h\d+", name)]) == 50


def test_history_pages_do_not_overlap(store):
    ids = [f"j{i:03}" for i in range(250)]
    for job_id in ids:
        store.once("accept", job_id, '["a@b.c"]', "s", "", "{}")
    seen, cursor = [], ("", 0)
    while True:
        total, *jobs = store.once("history", "", *cursor, 100)
        assert total == 250
        for fields, _ in jobs:
            fields = dict(zip(fields[::2], fields[1::2]))
            seen.append(fields["id"])
            cursor = (fields["id"], fields["created_at"])
        store.once("accept", f"new{len(seen)}", '["a@b.c"]', "s", "", "{}")
        store.redis.zrem("jobs:created", f"new{len(seen)}")
        if len(jobs) < 100:
            break
    assert sorted(seen) == ids and len(set(seen)) == 250
