# SPDX-License-Identifier: MIT
"""What asserts the invariants finds each of them broken."""

import copy

import pytest

from check import check
from evidence import Evidence
from load import Letter

AT = 1751212337.5  # the relay had it
HISTORY = [
    {"seq": 1, "status": "queued", "message": "Job queued"},
    {"seq": 2, "status": "processing", "message": ""},
    {"seq": 3, "status": "completed", "message": ""},
]


class Chance:
    """The smallest letter, with a key or not."""

    def __init__(self, key):
        self.key = key

    def choice(self, values):
        return values[0]

    def random(self):
        return 0.4 if self.key else 0.9

    def randrange(self, least, _most):
        return least


def letter(name, *answers, key=False):
    made = Letter(name, Chance(key))
    made.answers = [(AT, *answer) for answer in answers]
    return made


@pytest.fixture
def fine():
    """One mail, accepted at its second request, sent once."""
    to = "mail.0@load.example"
    job = {"subject": "mail", "status": "completed", "reason": None, "to": [to],
           "updated_at": "2025-06-29T15:52:17.000Z",
           "recipients": [{"address": to, "state": "taken"}],
           "history": HISTORY}
    return Evidence(
        letters=[letter("mail", (503, None), (201, "id"), key=True),
                 letter("refused", (503, None))],
        jobs={"id": job}, indexes={"queued": set(), "completed": {"id"}},
        stream={"id": copy.deepcopy(HISTORY)}, followed={"id": [1, 2, 3]},
        recorded={"id": ("completed", HISTORY)},
        copies={to: [AT]}, waiting={}, unknown_max=1)


def found(evidence, **how):
    """What check() says, as (invariant, what is wrong)."""
    return [(number, text) for number, _, text in check(evidence, **how)]


def becomes(evidence, status, **more):
    evidence.jobs["id"] |= {"status": status} | more
    evidence.indexes = {status: {"id"}}
    evidence.recorded["id"] = (status, evidence.jobs["id"]["history"])


def doubt(evidence, times):
    job = evidence.jobs["id"]
    doubts = [{"seq": n, "status": "retrying", "message": "outcome unknown"}
              for n in range(4, 4 + times)]
    job["history"] = HISTORY + doubts
    evidence.stream["id"] = copy.deepcopy(job["history"])
    evidence.followed["id"] = [entry["seq"] for entry in job["history"]]
    becomes(evidence, job["status"])


def test_all_is_well(fine):
    assert found(fine) == []


def test_a_lost_mail(fine):
    fine.jobs.clear()
    fine.copies.clear()
    assert found(fine) == [(0, "was accepted and is lost")]


def test_a_refused_mail_is_kept(fine):
    fine.letters[0].answers = [(AT, 503, None)]
    assert (0, "was refused, and is kept as {'id'}") in found(fine)


def test_two_jobs_of_one_key(fine):
    fine.jobs["other"] = fine.jobs["id"]
    fine.letters[0].answers.append((AT, 201, "other"))
    texts = [text for number, text in found(fine) if number == 0]
    assert len(texts) == 2 and "more than one job" in texts[0]


def test_a_job_that_nobody_sent(fine):
    fine.letters.pop(0)
    assert found(fine)[0][1].startswith("nobody sent it")


def test_two_indexes(fine):
    fine.indexes["queued"].add("id")
    assert found(fine) == [
        (1, "is completed, and in the indexes ['queued', 'completed']")]


def test_still_waiting(fine):
    becomes(fine, "queued")
    assert (1, "is still queued") in found(fine)


def test_taken_and_never_seen(fine):
    fine.copies.clear()
    [(number, text)] = found(fine)
    assert number == 2 and text.startswith("is marked as taken")


def test_at_the_relay_without_a_job(fine):
    fine.copies["stranger@load.example"] = [AT]
    assert found(fine) == [(2, "the relay has it, and no job has")]


def test_twice_without_a_reason(fine):
    fine.copies["mail.0@load.example"] *= 2
    [(number, text)] = found(fine, doubt=True)
    assert number == 3 and "2 copies" in text


def test_twice_in_doubt(fine):
    fine.copies["mail.0@load.example"] *= 2
    doubt(fine, 1)
    assert found(fine, doubt=True) == []
    assert found(fine) == [(3, "has an unknown outcome, for no reason")]


def test_three_times_is_too_often(fine):
    fine.copies["mail.0@load.example"] *= 3
    doubt(fine, 2)
    assert [number for number, _ in found(fine, doubt=True)] == [3]


def test_unknown_too_early(fine):
    becomes(fine, "unknown")
    doubt(fine, 1)
    assert found(fine, doubt=True) == [
        (3, "is unknown after 1 unknown outcomes")]


def test_something_waits(fine):
    fine.waiting["outbox"] = 2
    assert found(fine) == [(4, "2 left")]


@pytest.mark.parametrize("spoil", [
    lambda stream: stream.pop(1), lambda stream: stream.pop(),
    lambda stream: stream[1].update(message="other"),
    lambda stream: stream.append(stream[2])])
def test_the_stream_tells_otherwise(fine, spoil):
    spoil(fine.stream["id"])
    assert {number for number, _ in found(fine)} == {5}


@pytest.mark.parametrize("seqs", [[1, 2], [1, 2, 2, 3], [1, 3, 2], None])
def test_a_follower_is_told_otherwise(fine, seqs):
    fine.followed = {"id": seqs} if seqs else {}
    [(number, text)] = found(fine)
    assert number == 5 and "/api/events" in text


@pytest.mark.parametrize("row", [
    ("queued", HISTORY), ("completed", HISTORY[:2]), None])
def test_sql_has_it_otherwise(fine, row):
    fine.recorded = {"id": row} if row else {}
    [(number, text)] = found(fine)
    assert number == 5 and "SQL" in text


def test_sent_after_it_expired(fine):
    becomes(fine, "failed", reason="expired")
    assert [number for number, _ in found(fine, doubt=True)] == [6]


def test_the_id_of_a_504_is_no_promise(fine):
    fine.letters[0].answers.insert(0, (AT, 504, "never kept"))
    assert found(fine) == []


def test_a_plan_is_a_reason(fine):
    """To be cancelled, if it was said to be or not; to have expired."""
    fine.letters[0].plan = "cancel"
    fine.letters[0].cancelled = True
    assert (6, "was cancelled, and is completed") in [
        fault[::2] for fault in check(fine)]
    fine.jobs["id"]["status"] = "failed"
    fine.jobs["id"]["reason"] = "expired"
    fine.letters[0].cancelled = False
    assert (3, "is failed, for no reason") in [
        fault[::2] for fault in check(fine)]
    fine.letters[0].plan = "expire"
    assert (3, "is failed, for no reason") not in [
        fault[::2] for fault in check(fine)]
