# SPDX-License-Identifier: MIT
"""
A steady load of mails, each unique, and what the API answered to each. Half of
them have an Idempotency-Key and are sent again until they are accepted, as a
client that cares does; the others are sent once. Half are for a little later, are
cancelled at once, or expire after some seconds.
"""

import collections
import itertools
import random
import threading
import time

from stack.answer import ask

CLIENTS = 8
PLANS = (None, None, None, "later", "cancel", "expire")
RATE = 80  # mails/s of all of them
AGAIN = 0.3  # s, before a mail is sent again
PATIENCE = 90  # s for the last of these
LARGE = 300_000  # bytes: over 256 KiB a payload travels by id


class Letter:
    """A mail, and what became of its requests."""

    def __init__(self, name, chance):
        self.name = name
        self.to = [f"{name}.{i}@load.example"
                   for i in range(chance.choice((1, 1, 1, 2, 3)))]
        self.key = name if chance.random() < 0.5 else None
        size = LARGE if chance.random() < 0.01 else chance.randrange(20, 2000)
        self.body = ("." + "x" * 60 + "\n") * (size // 62 + 1)
        self.plan = chance.choice(PLANS)
        self.times = {"later": {"scheduled_at": "in 3 seconds"},
                      "expire": {"expires_at": "in 4 seconds"},
                      "cancel": {"scheduled_at": "in 1 second"}
                      }.get(self.plan, {})
        self.cancelled = False  # it was answered so
        self.answers = []  # (time, status or the fault's name, job id or None)

    def post(self, url):
        headers = {"Idempotency-Key": self.key} if self.key else {}
        try:
            answer = ask("POST", f"{url}/api/emails", {
                "to": self.to, "subject": self.name, "body": self.body
                } | self.times, headers)
            status, job_id = answer.status, answer.json.get("job_id")
        except (OSError, ValueError) as fault:
            status, job_id = type(fault).__name__, None
        self.answers.append((time.time(), status, job_id))

    def cancel(self, url):
        try:
            answer = ask("POST", f"{url}/api/emails/{self.accepted}/cancel")
            self.cancelled = answer.status == 200
        except (OSError, ValueError):
            pass  # it may be, or not

    @property
    def accepted(self):
        """Its job's id, or None."""
        return next((job_id for _, status, job_id in self.answers
                     if status in (201, 202)), None)

    @property
    def refused(self):
        """Surely not kept: docs/protocol.md on 503."""
        return all(status == 503 for _, status, _ in self.answers)


class Load:
    def __init__(self, url, name, chance, rate=RATE):
        self.url = url
        self.name = name
        self.pace = CLIENTS / rate
        self.letters = []
        self.numbers = itertools.count(1)
        self.stopping = threading.Event()
        self.clients = [threading.Thread(
            target=self.run, args=(random.Random(chance.random()),),
            daemon=True) for _ in range(CLIENTS)]

    def start(self):
        for client in self.clients:
            client.start()

    def stop(self):
        """No new mails; returns once each has its answer."""
        self.stopping.set()
        for client in self.clients:
            client.join(PATIENCE)
            if client.is_alive():
                raise TimeoutError(f"a mail was not accepted in {PATIENCE} s")

    def accepted(self):
        return sum(1 for letter in list(self.letters) if letter.accepted)

    def answered(self, *statuses):
        """How many requests were, so."""
        return sum(status in statuses for letter in list(self.letters)
                   for _, status, _ in list(letter.answers))

    def run(self, chance):
        again = collections.deque()  # (when, letter)
        while again or not self.stopping.is_set():
            began = time.monotonic()
            if again and again[0][0] <= began:
                _, letter = again.popleft()
            elif self.stopping.is_set():
                time.sleep(0.02)
                continue
            else:
                letter = Letter(f"{self.name}-{next(self.numbers)}", chance)
                self.letters.append(letter)
            letter.post(self.url)
            if letter.key and not letter.accepted:
                again.append((time.monotonic() + AGAIN, letter))
            elif letter.plan == "cancel" and letter.accepted:
                letter.cancel(self.url)
            time.sleep(max(0, began + self.pace - time.monotonic()))
