# SPDX-License-Identifier: MIT
"""One round: mail comes, the fault happens, all must be well again."""

import collections
import time

import evidence
from check import check, unknown_outcomes
from load import Load

FIRST = 12  # mails accepted before the fault
SHOWN = 20  # mails of a failure


class Seen:
    """Of a round, for its line and for the report."""

    def __init__(self, letters=(), jobs=None, copies=None, recovery=0.0):
        jobs, copies = jobs or {}, copies or {}
        self.answers = collections.Counter(
            str(status) for letter in letters for _, status, _ in
            letter.answers)
        self.mails = len(jobs)
        self.statuses = collections.Counter(
            job["status"] for job in jobs.values())
        self.doubts = sum(map(unknown_outcomes, jobs.values()))
        self.twice = sum(len(times) > 1 for times in copies.values())
        self.recovery = recovery  # s from the fault's end until all was sent

    def __str__(self):
        answers = " ".join(f"{status}:{count}" for status, count
                           in sorted(self.answers.items()))
        ends = " ".join(f"{count} {status}" for status, count
                        in sorted(self.statuses.items()))
        return (f"{self.mails} mails ({answers}) {ends}, {self.doubts} in "
                f"doubt, {self.twice} twice, {self.recovery:.1f} s")


class Round:
    def __init__(self, fault, scene, chance, name):
        self.fault = fault
        self.scene = scene
        self.load = Load(scene.rig.lighttpd.url, name, chance)
        self.evidence = None
        self.faults = []  # (invariant or "-", id or name, what is wrong)
        self.seen = Seen()
        scene.begin(chance, self.load)

    def run(self):
        """True when all was well."""
        scene = self.scene
        since = evidence.mark(scene)
        try:
            self.happen()
            self.seen.recovery = self.settle()
        except (AssertionError, OSError, TimeoutError) as fault:
            self.faults.append(("-", "the round", repr(fault)))
        self.faults += [("-", service.name, "ended by itself")
                        for service in scene.services if service.died()]
        self.evidence = evidence.gather(scene, self.load, since)
        self.faults += check(self.evidence, self.fault.doubt)
        self.seen = Seen(self.load.letters, self.evidence.jobs,
                         self.evidence.copies, self.seen.recovery)
        return not self.faults

    def happen(self):
        self.load.start()
        try:
            self.scene.until(lambda: self.load.accepted() >= FIRST,
                             f"{FIRST} mails accepted")
            self.scene.pause(0, 0.5)
            self.fault.act(self.scene)
            self.scene.note("all is as it should be")
            self.ended = time.monotonic()
            self.scene.until(self.scene.up, "up again")
            self.scene.note("all programs say so")
        finally:
            self.scene.heal()
            self.load.stop()
            self.scene.note("no new mail")

    def settle(self):
        """Until nothing waits; s since the fault's end."""
        self.scene.until(lambda: not self.scene.waiting(), "drained")
        self.scene.note("nothing waits")
        took = time.monotonic() - self.ended
        self.scene.until(lambda: self.scene.follower.last ==
                         self.scene.last_event(), "told to who follows")
        return took

    # -- a failure, told

    def story(self):
        lines = [f"FAILED: {self.load.name}", "when:"]
        lines += [f"  {at:7.2f} s  {text}" for at, text in self.scene.timeline]
        lines.append("what is wrong:")
        lines += [f"  invariant {number}: {what}: {text}"
                  for number, what, text in self.faults]
        concerned = dict.fromkeys(what for _, what, _ in self.faults)
        lines.append("the mails:")
        for name in list(concerned)[:SHOWN]:
            lines += self.mail_story(name)
        return "\n".join(lines)

    def mail_story(self, name):
        """What is known of a job, by its id, or of a letter, by its name."""
        job = self.evidence.jobs.get(name)
        letter = next((letter for letter in self.load.letters if name in
                       (letter.name, letter.accepted) or
                       job and job["subject"] == letter.name), None)
        if letter:
            yield f"  {letter.name} key={letter.key} to={letter.to}"
            for at, status, job_id in letter.answers:
                yield f"    {self.clock(at)} answered {status} {job_id or ''}"
            for to in letter.to:
                for at in self.evidence.copies.get(to, ()):
                    yield f"    {self.clock(at)} the relay has it for {to}"
        if job:
            yield (f"    job {name} {job['status']} {job['reason']} "
                   f"recipients={job.get('recipients')}")
            for entry in job["history"]:
                yield f"    {entry}"

    def clock(self, at):
        """Of the epoch: s since the round began."""
        return f"{at - time.time() + time.monotonic() - self.scene.began:.2f} s"
