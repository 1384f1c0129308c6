# SPDX-License-Identifier: MIT
"""
Mails given to a machine's API, and what its Postfix put into the mailbox of
`reader`. Requests are made by threads that have entered its network.
"""

import collections
import ctypes
import json
import os
import re
import threading
import time
import urllib.error
import urllib.request

from machine import CEILING, until
import trees

API = "http://127.0.0.1:3000"
TO = "reader@web.example.org"
SUBJECT = re.compile(rb"^Subject: (.*?)\r?$", re.M)
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def enter(machine):
    """This thread's network is the machine's from now on."""
    with open(f"/proc/{machine.init()}/ns/net", "rb") as network:
        if libc.setns(network.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def within(machine, question):
    """What question() returns in a machine's network."""
    told = []

    def ask():
        try:
            enter(machine)
            told.append((question(), None))
        except (OSError, ValueError, trees.Failed) as error:
            told.append((None, error))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(2 * CEILING)
    if not told:
        raise trees.Failed("a request hangs")
    answer, error = told[0]
    if error:
        raise error
    return answer


def fetch(url, body=None, **headers):
    request = urllib.request.Request(
        url, json.dumps(body).encode() if body else None,
        {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def mail(subject):
    return {"to": TO, "from": "shop@web.example.org", "subject": subject,
            "body": "Hello\n"}


class Mails:
    def __init__(self, machine, key):
        self.machine = machine
        self.headers = {"Authorization": f"Bearer {key}"}
        self.jobs = {}  # {subject: id}, of all that were accepted

    # -- giving; in the machine's network

    def submit(self, subject):
        self.jobs[subject] = self.insist("/api/emails", mail(subject),
                                         subject)["id"]

    def submit_many(self, name, count):
        for first in range(0, count, 100):
            subjects = [f"{name} {i}"
                        for i in range(first, min(first + 100, count))]
            answer = self.insist("/api/emails/batch",
                                 [mail(one) for one in subjects],
                                 f"{name} {first}")
            for subject, made in zip(subjects, answer["data"], strict=True):
                self.jobs[subject] = made["id"]

    def insist(self, path, body, key):
        """Until it is accepted, as a client that keeps its key does."""
        end = time.monotonic() + CEILING
        while True:
            try:
                return fetch(API + path, body,
                             **{"Idempotency-Key": key}, **self.headers)
            except urllib.error.HTTPError as error:
                said = error.read().decode(errors="replace")
                if error.code < 500:
                    raise trees.Failed(f"{error}: {said}") from error
            except OSError as error:
                said = str(error)
            if time.monotonic() > end:
                raise trees.Failed(f"{path}: not accepted: {said}")
            time.sleep(0.1)

    def get(self, path):
        return within(self.machine,
                      lambda: fetch(API + path, **self.headers))

    def load(self, name):
        load = Load(self, name)
        load.start()
        return load

    def give(self, name, count):
        within(self.machine, lambda: self.submit_many(name, count))

    # -- what came of them

    def seen(self):
        """How often each subject is in the mailbox."""
        folder = self.machine.path("home/reader/Maildir/new")
        found = collections.Counter()
        for entry in os.scandir(folder) if folder.exists() else ():
            with open(entry, "rb") as file:
                subject = SUBJECT.search(file.read())
            found[subject[1].decode() if subject else "none"] += 1
        return found

    def waiting(self):
        return self.jobs.keys() - self.seen().keys()

    def assert_each_once(self):
        """Twice is told in the history, where nobody can know (see protocol.md,
        outcome unknown). Returns how many there were of those."""
        until("all mail arrived", lambda: not self.waiting())
        until("all mail is completed", lambda: not self.unfinished())
        twice = {one for one, times in self.seen().items()
                 if times > 1 and one in self.jobs}
        for subject in twice:
            told = json.dumps(self.get(f"/api/emails/{self.jobs[subject]}"))
            if "unknown" not in told:
                raise trees.Failed(f"doubled: {told}")
        self.jobs.clear()
        return len(twice)

    def unfinished(self):
        try:
            statuses = self.get("/api/stats")["statuses"]
        except OSError as error:  # the web server is not up yet
            return [str(error)]
        return [name for name, count in statuses.items()
                if count and name != "completed"]


class Load(threading.Thread):
    """One client that gives mail after mail."""

    def __init__(self, mails, name):
        super().__init__(daemon=True)
        self.mails = mails
        self.title = name
        self.count = 0
        self.failed = None
        self.over = threading.Event()

    def run(self):
        try:
            enter(self.mails.machine)
            while not self.over.is_set():
                self.mails.submit(f"{self.title} {self.count}")
                self.count += 1
        except (OSError, trees.Failed) as error:
            self.failed = error

    def more(self, count):
        """Until so many more were accepted."""
        target = self.count + count
        until(f"load: {self.title}",
              lambda: self.count >= target or self.failed)
        if self.failed:
            raise trees.Failed(str(self.failed)) from self.failed

    def end(self):
        self.over.set()
        self.join(CEILING)
        if self.failed or self.is_alive():
            raise trees.Failed(f"load: {self.failed or 'hangs'}")
        return self.count
