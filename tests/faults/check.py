# SPDX-License-Identifier: MIT
"""
The invariants of docs/reliability.md, each a function of the evidence that
yields (id or name, what is wrong). No clock, no I/O.
"""

import collections
from datetime import datetime

OVER = ("completed", "failed", "cancelled", "unknown")
ACCEPTED = (201, 202)
ANSWERS = (*ACCEPTED, 500, 502, 503, 504)
UNKNOWN = "outcome unknown"


def check(evidence, doubt=False):
    """[(invariant, id or name, what is wrong)]. `doubt`: whether the outcome
    of an attempt may have been unknown in this round."""
    rules = (kept, placed, counted, once, drained, told, not_after_the_end)
    faults = [(number, *fault) for number, rule in enumerate(rules)
              for fault in rule(evidence)]
    if not doubt:
        faults += [(3, *fault) for fault in certain(evidence)]
    return faults


def kept(evidence):
    """0: an accepted mail is a job, one a key; a refused one is none."""
    by_name = collections.defaultdict(set)
    for job_id, job in evidence.jobs.items():
        by_name[job["subject"]].add(job_id)
    for letter in evidence.letters:
        ids = by_name.pop(letter.name, set())
        said = {job_id for _, status, job_id in letter.answers
                if status in ACCEPTED}
        strange = {str(status) for _, status, _ in letter.answers
                   if isinstance(status, int) and status not in ANSWERS}
        if strange:
            yield letter.name, f"was answered {', '.join(strange)}"
        if letter.accepted and letter.accepted not in ids:
            yield letter.accepted, "was accepted and is lost"
        if letter.key and not letter.accepted:
            yield letter.name, "was not accepted, however often it was sent"
        if letter.refused and ids:
            yield letter.name, f"was refused, and is kept as {ids}"
        if len(ids) > 1:
            yield letter.name, f"is more than one job: {ids}"
        if letter.key and len(said) > 1:
            yield letter.name, f"got more than one id: {said}"
    for name, ids in by_name.items():
        yield name, f"nobody sent it, and it is kept as {ids}"


def placed(evidence):
    """1: a job is in the one index of its status, and is over."""
    for job_id, job in evidence.jobs.items():
        places = [status for status, ids in evidence.indexes.items()
                  if job_id in ids]
        if places != [job["status"]]:
            yield job_id, f"is {job['status']}, and in the indexes {places}"
        if job["status"] not in OVER:
            yield job_id, f"is still {job['status']}"


def counted(evidence):
    """2: what is marked as taken is at the relay; what is there is a job's."""
    known = set()
    for job_id, job in evidence.jobs.items():
        known.update(job["to"])
        states = {it["address"]: it["state"]
                  for it in job.get("recipients") or []}
        for to in job["to"]:
            taken = states.get(to) == "taken"
            if taken and not evidence.copies.get(to):
                yield job_id, f"is marked as taken for {to}, and never was"
            if job["status"] == "completed" and not taken:
                yield job_id, f"is completed, and {to} is {states.get(to)}"
    for to in evidence.copies.keys() - known:
        yield to, "the relay has it, and no job has"


def once(evidence):
    """3: more than one copy only where the history says why."""
    expiring = {letter.name for letter in evidence.letters
                if letter.plan == "expire"}  # is not sent again after that
    for job_id, job in evidence.jobs.items():
        doubts = unknown_outcomes(job)
        for to in job["to"]:
            copies = len(evidence.copies.get(to, ()))
            if copies > 1 + min(doubts, evidence.unknown_max):
                yield job_id, (f"the relay has {copies} copies for {to}, with "
                               f"{doubts} unknown outcomes")
        if (job["status"] == "unknown" and doubts != 1 + evidence.unknown_max
                and job["subject"] not in expiring):
            yield job_id, f"is unknown after {doubts} unknown outcomes"


def certain(evidence):
    """No fault of this round touched a line to the relay or a worker."""
    plans = {letter.name: letter.plan for letter in evidence.letters}
    for job_id, job in evidence.jobs.items():
        if unknown_outcomes(job):
            yield job_id, "has an unknown outcome, for no reason"
        plan = plans.get(job["subject"])
        planned = (plan == "cancel" and job["status"] == "cancelled" or
                   plan == "expire" and job["reason"] == "expired")
        if job["status"] != "completed" and not planned:
            yield job_id, f"is {job['status']}, for no reason"


def drained(evidence):
    """4: nothing waits."""
    for what, count in evidence.waiting.items():
        yield what, f"{count} left"


def told(evidence):
    """5: the history, the stream, /api/events and SQL tell the same."""
    for job_id, job in evidence.jobs.items():
        events = evidence.stream.get(job_id, [])
        seqs = [entry["seq"] for entry in events]
        if seqs != list(range(1, len(seqs) + 1)):
            yield job_id, f"the stream tells {seqs}"
        if evidence.followed.get(job_id) != seqs:
            yield job_id, (f"the stream tells {seqs}, /api/events "
                           f"{evidence.followed.get(job_id)}")
        if evidence.recorded.get(job_id) != (job["status"], job["history"]):
            yield job_id, f"in SQL it is {evidence.recorded.get(job_id)}"
        by_seq = {entry["seq"]: entry for entry in events}
        for entry in job["history"]:
            if by_seq.get(entry["seq"]) != entry:
                yield job_id, (f"the history says {entry}, the stream "
                               f"{by_seq.get(entry['seq'])}")
        if job["history"][-1]["seq"] != len(seqs):
            yield job_id, "the history's end is not the stream's"


def not_after_the_end(evidence):
    """6: what was taken back or expired is not sent after that."""
    for letter in evidence.letters:
        job = evidence.jobs.get(letter.accepted)
        if letter.cancelled and job and job["status"] != "cancelled":
            yield letter.accepted, f"was cancelled, and is {job['status']}"
    for job_id, job in evidence.jobs.items():
        if job["status"] == "cancelled" or job["reason"] == "expired":
            ended = datetime.fromisoformat(
                job["updated_at"].replace("Z", "+00:00")).timestamp()
            for to in job["to"]:
                if any(at > ended for at in evidence.copies.get(to, ())):
                    yield job_id, f"was sent to {to} after it was over"


def unknown_outcomes(job):
    return sum(UNKNOWN in entry["message"] for entry in job["history"])
