# SPDX-License-Identifier: MIT
"""The running composition: its commands, its API, its catcher, load on it."""

import collections
import json
import subprocess
import threading
import time
import urllib.error
import urllib.request

API = "http://127.0.0.1:3000"
CATCHER = "http://127.0.0.1:8025"
OURS = ("api", "events", "worker")
CEILING = 180  # s, of each wait
SENDERS = 4  # clients that load it
ENOUGH = 30  # mails, before and after what is done to it
COMPOSE = []  # the words of its command

EVER_CAUGHT = collections.Counter()  # what clear() has dropped, by subject


def said(*words):
    return subprocess.run(words, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def compose(*words):
    """What it says; of what it does it tells only when that fails."""
    ended = subprocess.run([*COMPOSE, *words], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert ended.returncode == 0, f"{words}: {ended.stderr}"
    return ended.stdout


def up(*words):
    compose("up", "-d", "--no-build", *words)


def inspect(*services):
    """What Docker says of their containers."""
    ids = compose("ps", "-q", *services).split()
    return json.loads(said("docker", "inspect", *ids))


def fetch(url, body=None, method=None, **headers):
    request = urllib.request.Request(
        url, json.dumps(body).encode() if body else None,
        {"Content-Type": "application/json", **headers}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text.startswith((b"{", b"[")) else None


def until(what, question):
    end, last = time.monotonic() + CEILING, None
    while time.monotonic() < end:
        try:
            if (found := question()):
                return found
        except urllib.error.HTTPError as fault:
            last = f"{fault}: {fault.read().decode()}"
        except (OSError, ValueError) as fault:
            last = repr(fault)
        time.sleep(0.2)
    raise AssertionError(f"not in {CEILING} s: {what}: {last}")


def submit(subject, **more):
    """Until it is accepted, as a client that keeps its key does."""
    mail = {"to": "ada@example.com", "subject": subject, "body": "Hello\n",
            **more}
    return until(f"{subject} accepted", lambda: fetch(
        f"{API}/api/emails", mail, **{"Idempotency-Key": subject})["job_id"])


def messages():
    return fetch(f"{CATCHER}/api/v1/messages?limit=10000")["messages"]


def caught():
    return EVER_CAUGHT + collections.Counter(
        mail["Subject"] for mail in messages())


def clear():
    """Once all that is under way has arrived; it is counted on."""
    EVER_CAUGHT.update(mail["Subject"] for mail in messages())
    fetch(f"{CATCHER}/api/v1/messages", method="DELETE")


class Load:
    """Clients that send one mail after the other, until end()."""

    def __init__(self, name):
        self.sent = {}  # job id by subject
        self.over = threading.Event()
        self.threads = [threading.Thread(daemon=True, target=self.run,
                                         args=(f"{name} {number}",))
                        for number in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def run(self, title):
        count = 0
        while not self.over.is_set():
            subject = f"{title} {count}"
            self.sent[subject] = submit(subject)
            count += 1

    def goes_on(self):
        before = len(self.sent)
        until("load goes on", lambda: len(self.sent) > before + ENOUGH)

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join(CEILING)
            assert not thread.is_alive(), "a client did not come to its end"

    def all_caught(self):
        """How often, by subject; none is missing."""
        until(f"all mail: {len(self.sent)}",
              lambda: not set(self.sent) - set(caught()))
        return caught()


def is_unknown(job):
    """Whether its history says that the line broke at the final dot."""
    return "unknown" in json.dumps(fetch(f"{API}/api/emails/{job}"))


def once_each(load):
    """None lost; none doubled but where the record has it. Those of these."""
    mails = load.all_caught()
    twice = [subject for subject in load.sent if mails[subject] != 1]
    wrong = [subject for subject in twice
             if mails[subject] > 2 or not is_unknown(load.sent[subject])]
    assert not wrong, f"doubled: {wrong}"
    return len(twice)
