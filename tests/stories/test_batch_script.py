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


def test_a_mail_that_is_over_twice_counts_once(store):
    """Failed, tried again and failed; or unknown until the proof came: the key
    is known as long as the other mail waits."""
    marks = ("[0]", "to=0,", "[1]", "to=0,", "[2]", "to=0,", ":ids",
             "j1 j2 j3", ":left", 3)
    store.call("accept", *mail("j1", "{}", "r", KEEP, *marks),
               *mail("j2", "{}", "r"), *mail("j3", "{}", "r"))

    def left():
        return store.redis.hget("idem:r", ":left"), store.redis.pttl("idem:r")

    for nonce in ("n1", "n2", "n3"):
        seq = store.claim("j1", nonce=nonce)[1]
        store.twice("fail", "j1", "o1", seq, "[]", 550, "no", "rejected", KEEP)
        assert left() == ("2", -1)
        store.once("retry", "j1", KEEP, nonce, 0)
        store.once("retry", "j1", KEEP, nonce, 0)
        assert left() == ("3", -1)
    seq = store.claim("j2")[1]
    store.twice("unknown", "j2", "o1", seq, "", "cut", 1, 0, KEEP)
    assert left() == ("2", -1)
    store.twice("sent", "j2", "o1", seq, "[]", 250, "ok", KEEP, "0", "")
    assert store.status("j2") == "completed" and left() == ("2", -1)
    for job_id in ("j1", "j3"):
        assert store.redis.pttl("idem:r") == -1
        seq = store.claim(job_id, nonce="last")[1]
        store.twice("fail", job_id, "o1", seq, "[]", 550, "no", "rejected", KEEP)
    assert left()[0] == "0" and 0 < left()[1] <= KEEP
    store.redis.delete("idem:r")  # its time came
    store.once("retry", "j1", KEEP, "w", 0)
    assert not store.redis.exists("idem:r")


def test_accept_a_batch_of_the_largest_size(store):
    marks = [word for n in range(1000) for word in (f"[{n}]", "to=0,")]
    marks += [":ids", "x" * 37_000, ":left", 1000]
    answers = store.call("accept", *mail("j0", "{}", "r", KEEP, *marks), *[
        word for n in range(1, 1000) for word in mail(f"j{n}", "{}", "r")])
    assert len(answers) == 1000 and set(map(type, answers)) == {int}
    assert store.redis.zcard("jobs:created") == 1000
