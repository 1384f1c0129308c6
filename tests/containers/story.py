#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
story.py COMPOSE...: the running composition, used as its README says; COMPOSE
is the command of docker compose. Restarts each service under load, and asserts
that nothing is lost or doubled, that memory limits hold, that it stops cleanly.
"""

import collections
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

API = "http://127.0.0.1:3000"
CATCHER = "http://127.0.0.1:8025"
OURS = ("api", "events", "worker")
OTHERS = ("redis", "rabbitmq", "postgres")
CEILING = 180  # s, of each wait
COMPOSE = sys.argv[1:]


def said(*words):
    return subprocess.run(words, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def compose(*words):
    return said(*COMPOSE, *words)


def fetch(url, body=None, **headers):
    request = urllib.request.Request(
        url, json.dumps(body).encode() if body else None,
        {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def until(what, question):
    end = time.monotonic() + CEILING
    while time.monotonic() < end:
        try:
            if question():
                return
        except (OSError, ValueError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"not in {CEILING} s: {what}")


def submit(subject):
    """Until it is accepted, as a client that keeps its key does."""
    mail = {"to": "ada@example.com", "subject": subject, "body": "Hello\n"}
    accepted = []

    def once():
        accepted.append(fetch(f"{API}/api/emails", mail,
                              **{"Idempotency-Key": subject})["job_id"])
        return True

    until(f"{subject} accepted", once)
    return accepted[0]


def caught():
    return collections.Counter(
        mail["Subject"] for mail in
        fetch(f"{CATCHER}/api/v1/messages?limit=10000")["messages"])


class Load(threading.Thread):
    def __init__(self, name):
        super().__init__(daemon=True)
        self.title = name
        self.sent = []
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            subject = f"{self.title} {len(self.sent)}"
            submit(subject)
            self.sent.append(subject)

    def end(self):
        self.over.set()
        self.join(CEILING)
        assert not self.is_alive() and self.sent


def restart_under_load(service):
    load = Load(f"{service} {time.time()}")
    load.start()
    until("load", lambda: len(load.sent) > 20)
    compose("restart", service)
    before = len(load.sent)
    until("load goes on", lambda: len(load.sent) > before + 20)
    load.end()
    until(f"all mail after a restart of {service}",
          lambda: not set(load.sent) - set(caught()))
    mails = caught()
    twice = [subject for subject in load.sent if mails[subject] != 1]
    assert not twice, f"doubled: {twice}"
    print(f"{service}: restarted, {len(load.sent)} mails, each once", flush=True)


def states():
    ids = compose("ps", "-q", *OURS).split()
    return json.loads(said("docker", "inspect", *ids))


def stops_cleanly():
    compose("stop", *OURS)
    for one in json.loads(said("docker", "inspect", *said(
            "docker", "ps", "-aq", "--filter", "name=mail-sender").split())):
        state, name = one["State"], one["Name"]
        assert not state["OOMKilled"], f"{name} was out of memory"
        if one["Config"]["Image"].startswith("postrider-"):
            assert state["ExitCode"] == 0, f"{name}: {state}"
            print(f"{name}: stopped, exit code 0", flush=True)


def main():
    subject = f"quick start {time.time()}"
    job = submit(subject)
    until("in the catcher", lambda: caught()[subject] == 1)
    until("in the history", lambda: any(
        one["id"] == job and one["status"] == "completed" for one in
        fetch(f"{API}/api/jobs/history?limit=100")["jobs"]))
    print("quick start: in the history and in the catcher", flush=True)
    compose("up", "-d", "--no-build", "--scale", "worker=3")
    for port in (3002, 3003, 3004):
        until(f"worker on {port}", lambda port=port: fetch(
            f"http://127.0.0.1:{port}/health")["status"] == "ok")
    print("three workers: ok", flush=True)
    for service in OURS + OTHERS:
        restart_under_load(service)
    for one in states():
        assert one["RestartCount"] == 0, f"{one['Name']} ended by itself"
    stops_cleanly()


if __name__ == "__main__":
    main()
