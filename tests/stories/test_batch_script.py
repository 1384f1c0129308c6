# SPDX-License-Identifier: MIT
"""A batch is one call of `accept`."""

from scripts import KEEP, mail, server, store  # noqa: F401  fixtures


def test_accept_a_batch_by_a_key(store):
    """All of it is answered as the first mail is."""
    def batch(*ids, bodies="abc"):
        marks = [word for n, body in enumerate(bodies)
                 for word in (f"[{n}]", f"to=0{n},body=0{body},")]
        marks += [":ids", " ".join(ids), ":left", len(ids)]
        first, *others = ids
        return store.call("accept", *mail(first, "{}", "r", KEEP, *marks), *[
            word for one in others for word in mail(one, "{}", "r")])

    due = batch("j1", "j2", "j3")
    assert len(due) == 3 and batch("j1", "j2", "j3") == due
    before = store.state()
    again, *others = batch("j4", "j5", "j6")
    assert again[0:2] == ["again", "j1"] and again[3:] == [1, "j1 j2 j3"]
    assert others == [0, 0]
    for bodies, place in (("axc", "[1].body"), ("abcd", "[3]"), ("ab", "[2]")):
        assert batch("j4", "j5", bodies=bodies) == [
            ["differs", "j1", place], 0]
    assert store.once("accept", *mail("j4", "{}", "r", KEEP, "to", "1")) == [
        "differs", "j1", "to"]
    assert store.state() == before
    for n, job_id in enumerate(("j1", "j2", "j3")):  # known until all are over
        assert store.redis.pttl("idem:r") == -1
        seq = store.claim(job_id, nonce=f"n{n}")[1]
        store.twice("fail", job_id, "o1", seq, "[]", 550, "no", "rejected", KEEP)
    assert 0 < store.redis.pttl("idem:r") <= KEEP


def test_accept_a_batch_of_the_largest_size(store):
    marks = [word for n in range(1000) for word in (f"[{n}]", "to=0,")]
    marks += [":ids", "x" * 37_000, ":left", 1000]
    answers = store.call("accept", *mail("j0", "{}", "r", KEEP, *marks), *[
        word for n in range(1, 1000) for word in mail(f"j{n}", "{}", "r")])
    assert len(answers) == 1000 and set(map(type, answers)) == {int}
    assert store.redis.zcard("jobs:created") == 1000
