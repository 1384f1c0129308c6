# SPDX-License-Identifier: MIT
"""Whether a store is the one that is known, and the operator's word on it: the
scripts on a real Redis."""

from scripts import KEEP, server, store

assert server and store  # the fixtures


def clock(store, known, held=0, job="", claim_seq=0):
    return store.twice("clock", *known[:3], "new", held, job, claim_seq)


def test_a_store_that_goes_on_is_the_same(store):
    known = clock(store, ["", "0-0", 0])
    assert known == ["new", "0-0", 0, 0, 0]
    store.accept()
    now = clock(store, known)
    assert now[0] == "new" and now[2:] == [1, 1, 0]
    assert clock(store, now)[3] == 1
    store.redis.xtrim("job_events", 0)
    assert clock(store, now)[3] == 1
    store.accept("j2")
    assert clock(store, now)[3] == 1  # trimmed is not lost


def test_a_store_that_went_back_is_not(store):
    store.accept()
    known = clock(store, ["", "0-0", 0])
    store.accept("j2")
    later = clock(store, known)
    store.redis.xdel("job_events", later[1])  # as if it never had been
    assert clock(store, later)[3] == 0
    store.accept("j3")
    assert clock(store, later)[3] == 0  # what came since does not hide it
    assert clock(store, known)[3] == 1
    assert clock(store, [known[0], known[1], 99])[3] == 0
    assert clock(store, known, job="j1", claim_seq=2)[3] == 0
    assert clock(store, known, job="j1", claim_seq=1)[3] == 1
    assert clock(store, known, job="forgotten", claim_seq=9)[3] == 1
    assert clock(store, ["other", "0-0", 0])[3:] == [0, 0]


def test_the_operators_word(store):
    clock(store, ["", "0-0", 0])
    for i in range(3):
        store.accept(f"old{i}")
    store.claim("old0")
    ms = int(store.field("created_at", "old2"))
    clock(store, ["gone", f"{ms}-0", 7], held=1)
    store.redis.zadd("jobs:status:queued", {"young": ms + 1})
    assert [store.once("hold", 2, KEEP) for _ in range(3)] == [3, 0, 0]
    for i in range(3):
        assert store.status(f"old{i}") == "unknown"
        assert store.field("reason", f"old{i}") == "restored"
        assert store.claim(f"old{i}", nonce="n2") == ["skip"]
    assert store.twice("follow", "newer") == 1
    assert store.redis.get("store:id") == "newer"
    for known in ("gone", "new"):  # what workers know, and what it was
        assert clock(store, [known, "9-9", 9])[4] == 1
    assert clock(store, ["another", "9-9", 9])[4] == 0
