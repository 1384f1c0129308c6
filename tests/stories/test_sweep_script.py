# SPDX-License-Identifier: MIT
"""What the sweeper's script finds, on a real Redis."""

import time

from scripts import KEEP, mail, server, store

assert server and store  # the fixtures


def sweep(store, owner="s1", limit=100, publish=1, judge=0, empty_for=-1,
          uptime=0, overdue_after=60_000, high_empty_for=-1):
    """What it found, by name; None: another one sweeps."""
    lanes = [number for ago in (empty_for, high_empty_for, -1)
             for number in (-1 if ago < 0 else 0, ago)]
    answer = store.once("sweep", owner, 60_000, limit, 10, overdue_after,
                        300_000, 262_144, publish, judge, uptime, KEEP,
                        *lanes)
    return dict(zip(("at", "more", "publish", "dead", "forsaken", "overdue",
                     "expired"),
                    answer)) if answer else None


def test_sweep_publishes_what_waits_in_the_outbox(store):
    due = store.accept()
    time.sleep(0.02)
    assert sweep(store, publish=0)["publish"] == []  # the broker is away
    first = sweep(store)
    assert first["publish"] == ["j1", due, "{}", "", "", 0] and not first["more"]
    assert store.field("published_at") == str(first["at"])
    assert sweep(store, owner="s2") is None  # s1 has the lock
    assert sweep(store)["publish"] == []  # a growing pause


def test_sweep_goes_on_while_there_is_more(store):
    for i in range(5):
        store.once("accept", *mail(f"j{i}"))
    time.sleep(0.02)
    found = [sweep(store, limit=2) for _ in range(3)]
    assert [one["more"] for one in found] == [1, 1, 0]
    assert [len(one["publish"]) // 6 for one in found] == [2, 2, 1]
    for i in range(40):
        store.once("accept", *mail(f"large{i}", "x" * 250_000))
    time.sleep(0.02)
    found = sweep(store)
    assert found["more"] == 1 and len(found["publish"]) < 40 * 6


def test_sweep_finds_who_is_dead(store):
    store.once("heartbeat", "o9", 1, "0 0 pid 1", "")
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
    assert sweep(store)["forsaken"] == []
    lease = int(store.field("lease_until"))
    assert store.redis.zscore("jobs:due", "j1") == lease

    def look_again():
        store.redis.zadd("jobs:due", {"j1": 1})
        store.redis.hset("job:j1", "lease_until", 1)

    look_again()
    store.once("heartbeat", "o1", 60_000, "0 0 pid 1", "")
    assert sweep(store)["forsaken"] == []
    assert store.redis.zscore("jobs:due", "j1") > time.time() * 1000
    look_again()
    store.redis.delete("worker:o1")
    assert sweep(store, uptime=10 ** 9)["forsaken"] == []
    look_again()
    assert sweep(store)["forsaken"] == ["j1", "o1", claim[1]]


def overdue(store, late, newest=0, waiting=0, high=(0, 0), fields=(), **how):
    """Whether a job that was due `late` ms ago is, for workers who were brought
    what came `newest` ms ago, and have left what came `waiting` ms ago; of the
    lane `high` likewise."""
    store.redis.flushdb()
    due = store.once("accept", *mail("j1", **dict(fields)))
    store.once("published", "j1", due)
    store.redis.hset("job:j1", "next_at", due - late)
    store.redis.zadd("jobs:due", {"j1": 1})
    store.once("heartbeat", "o1", 60_000, "{} {} high {} {} pid 1".format(
        *(due - ago if ago else 0 for ago in (newest, waiting, *high))), "")
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


def test_each_lane_has_a_backlog_of_its_own(store):
    hour = 3_600_000
    high = {"fields": {"priority": "high"}}
    assert not overdue(store, hour, newest=1, **high)  # nobody knows of `high`
    assert overdue(store, hour, high=(1, 0), **high)
    assert not overdue(store, hour, high=(1, hour + 1), **high)
    assert not overdue(store, hour, high=(1, 0))
    assert overdue(store, hour, newest=1, high=(hour + 1000, 0))
    assert overdue(store, hour, high_empty_for=0, **high)
    assert not overdue(store, hour, high_empty_for=0)
    assert store.redis.hgetall("queue:lanes") == {"high": "0 0"}


def test_lanes_tell_their_depth_and_lag(store):
    store.once("heartbeat", "o1", 60_000, "0 0 high 5 0 bulk 1 0 pid 1")
    at = store.once("sweep", "s1", 60_000, 100, 10, 60_000, 300_000, 262_144, 1,
                    0, 0, KEEP, -1, -1, 7, -1, 0, 3)[0]
    assert store.redis.hgetall("queue:lanes") == {
        "high": f"7 {at - 5}", "bulk": "0 0"}
    stats = store.once("stats", "queued")
    assert stats[4] == [None, f"7 {at - 5}", "0 0"] and stats[5:] == [0]


def test_a_mail_stays_in_its_lane(store):
    due = store.once("accept", *mail("j1", priority="bulk"))
    time.sleep(0.02)
    assert sweep(store)["publish"] == ["j1", due, "{}", "", "bulk", 0]
    claim = store.claim()
    later = store.twice("defer", "j1", "o1", claim[1], "[]", 450, "later",
                        5000, 60_000, KEEP, 1)
    assert later[3] == "bulk"
    assert store.claim(nonce="n2") == ["early", later[2], "bulk", 0]


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
    store.redis.delete("job:j1")
    store.redis.delete("outbox")
    store.redis.zadd("jobs:due", {"j1": 1})
    sweep(store)
    assert {key for key in store.redis.keys() if key.startswith("jobs:")
            } == set()


def test_a_hint_that_is_out_of_date_is_not_published(store):
    """Left in the outbox by a `published` that never came."""
    due = store.accept()
    claim = store.claim()
    answer = store.twice("release", "j1", "o1", claim[1], "why", KEEP)
    assert store.outbox() == [f"j1 {due}", f"j1 {answer[2]}"]
    time.sleep(0.02)
    assert sweep(store)["publish"] == ["j1", answer[2], "{}", "", "", 0]
    assert store.outbox() == [f"j1 {answer[2]}"]
    store.claim(nonce="n2")
    store.redis.zadd("outbox", {f"j1 {answer[2]}": 1})
    assert sweep(store)["publish"] == []  # in somebody's hands
    assert not any(map(store.redis.exists, ("outbox", "outbox:tries")))


def test_sweep_ends_what_has_expired(store):
    """Whoever has one in hand sees it himself."""
    soon = int(time.time() * 1000) + 50
    for i in range(4):
        store.once("accept", *mail(f"j{i}", expires_at=soon,
                                   scheduled_at=soon - 1))
    time.sleep(0.02)
    assert sweep(store, publish=0)["expired"] == []
    store.redis.hset("job:j1", "next_at", soon - 900)
    assert store.claim("j1")[0] == "claimed"
    time.sleep(0.05)
    found = [sweep(store, publish=0, limit=2) for _ in range(3)]
    assert [one["expired"] for one in found] == [["j0"], ["j2", "j3"], []]
    assert [one["more"] for one in found] == [1, 1, 0]
    assert not store.redis.exists("jobs:expiring")
    assert store.field("reason", "j3") == "expired"
    assert store.redis.zrange("jobs:status:failed", 0, -1) == ["j0", "j2", "j3"]


def test_what_is_taken_back_leaves_nothing_in_the_outbox(store):
    """Cancelled, given another time, or expired after the sweeper tried it."""
    later = int(time.time() * 1000) + 3_600_000
    for job_id, fields in (("j1", {}), ("j2", {"scheduled_at": later}),
                           ("j3", {"expires_at": later})):
        store.once("accept", *mail(job_id, **fields))
    time.sleep(0.02)
    assert len(sweep(store)["publish"]) == 3 * 6
    assert store.redis.hlen("outbox:tries") == 3
    store.twice("cancel", "j1", KEEP)
    assert store.once("reschedule", "j2", KEEP, later + 1000, 0)[0] == "done"
    store.redis.zadd("jobs:expiring", {"j3": 1})
    assert sweep(store)["expired"] == ["j3"]
    assert store.redis.hlen("outbox:tries") == 0
    assert store.outbox() == [f"j2 {later + 1000}"]
