#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
story.py [--short] COMPOSE...: the running composition, used as its README says;
COMPOSE is the command of docker compose. Restarts each service under load, and
asserts that nothing is lost or doubled, that memory limits hold, that it stops
cleanly. --short: the quick start alone.
"""

import json
import random
import subprocess
import sys
import threading
import time
import urllib.error

import composition
import readme
from composition import (API, OURS, Load, caught, clear, compose, fetch,
                         inspect, messages, once_each, said, submit, until, up)
from memory import Watch

OTHERS = ("redis", "rabbitmq", "postgres", "mailhog", "jaeger")
JAEGER = "http://127.0.0.1:16686"
WORKERS = 3
LARGE = 8  # mails, of the largest size, by LARGE_CLIENTS at a time
LARGE_CLIENTS = 2


def say(*words):
    print(*words, flush=True)


def in_history(job):
    return any(one["id"] == job and one["status"] == "completed" for one in
               fetch(f"{API}/api/jobs/history?limit=100")["jobs"])


def quick_start():
    subject = f"quick start {time.time()}"
    job = submit(subject)
    until("in the catcher", lambda: caught()[subject] == 1)
    until("in the history", lambda: in_history(job))
    say("quick start: in the history and in the catcher")
    return job


def traced(job):
    """Its trace, as Jaeger tells it, goes from the request to the relay."""
    def whole():
        for one in fetch(f"{JAEGER}/api/traces?service=postrider-worker"
                         "&limit=1000")["data"]:
            names = {span["operationName"] for span in one["spans"]}
            tags = {(tag["key"], tag["value"]) for span in one["spans"]
                    for tag in span["tags"]}
            if ("postrider.job_id", job) in tags:
                return {"POST /api/emails", "SMTP"} <= names and {
                    "postrider-api", "postrider-worker"} == {
                    process["serviceName"] for process in
                    one["processes"].values()}
        return False
    until(f"the trace of {job} at jaeger", whole)
    say("traces: at jaeger, from the request to the relay's reply")


def as_the_readme_says(job):
    tried = list(readme.commands(" ".join(composition.COMPOSE), job))
    for command in tried:
        ended = subprocess.run(command, shell=True, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert ended.returncode == 0 and ended.stdout, \
            f"{command}: {ended.returncode}: {ended.stdout}"
        assert '"error"' not in ended.stdout, f"{command}: {ended.stdout}"
    assert len(tried) > 10, tried
    say(f"README.md: {len(tried)} commands, each does what it says")


def operator():
    """The first key is made with the command in the API's image."""
    key = compose("exec", "-T", "api", "postrider", "keys", "add", "first")
    assert key.strip(), "no key"
    assert "first" in compose("exec", "-T", "api", "postrider", "keys", "list")
    say("postrider keys add, in the api's container: the first key")


def shut():
    """What compose.yaml takes from our containers."""
    for one in inspect(*OURS):
        host, name = one["HostConfig"], one["Name"]
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"], name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
    for one in inspect():
        for port, bound in (one["HostConfig"]["PortBindings"] or {}).items():
            assert {to["HostIp"] for to in bound} == {"127.0.0.1"}, port
    say("containers: read-only, without capabilities, ports on 127.0.0.1 alone")


def workers_are_well():
    """On ports of 3002 to 3009: which, Docker decides."""
    ports = {int(one["NetworkSettings"]["Ports"]["3002/tcp"][0]["HostPort"])
             for one in inspect("worker")}
    assert len(ports) == WORKERS and ports <= set(range(3002, 3010)), ports
    for port in ports:
        until(f"worker on {port}", lambda port=port: fetch(
            f"http://127.0.0.1:{port}/health")["status"] == "ok")
    say("three workers: ok")


def restart_under_load(service):
    load = Load(f"{service} {time.time()}")
    load.goes_on()
    compose("restart", service)
    load.goes_on()
    load.end()
    twice = once_each(load)
    clear()
    say(f"{service}: restarted, {len(load.sent)} mails, each once"
        + (f" but {twice}, recorded as unknown" if twice else ""))


def largest():
    """Bytes of a file with which a request is just as large as it may be."""
    api, = inspect("api")
    kilobytes, = [one.split("=")[1] for one in api["Config"]["Env"]
                  if one.startswith("MAX_REQUEST_KB=")]
    return (int(kilobytes) * 1024 - 1024) // 4 * 3


def send_large(title, size, sent):
    content = random.Random(title).randbytes(size).hex()[:size // 3 * 4]
    for number in range(LARGE // LARGE_CLIENTS):
        subject = f"{title} {number}"
        sent[subject] = submit(subject, attachments=[
            {"filename": "large.bin", "content": content}])


def large_mails():
    size, load = largest(), Load(f"small beside large {time.time()}")
    sent = {}
    clients = [threading.Thread(target=send_large, args=(
        f"large {time.time()} {number}", size, sent))
        for number in range(LARGE_CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    load.goes_on()
    load.end()
    load.sent.update(sent)
    assert len(sent) == LARGE, f"{len(sent)} were accepted"
    once_each(load)
    assert sum(mail["Size"] > size for mail in messages()) == LARGE
    clear()
    say(f"{LARGE} mails with a file of {size / 2**20:.1f} MB among "
        f"{len(load.sent) - LARGE} small ones, each once")


def too_large():
    try:
        fetch(f"{API}/api/emails", {"body": "x" * (largest() * 2)})
    except urllib.error.HTTPError as refused:
        assert refused.code == 413, refused.code
        say("a mail that is too large: 413")
    else:
        raise AssertionError("a mail that is too large was taken")


def memory_holds():
    watch = Watch(inspect("api", "worker"))
    load = Load(f"memory {time.time()}")
    for _ in range(5):
        load.goes_on()
    load.end()
    once_each(load)
    clear()
    large_mails()
    too_large()
    for line in watch.end():
        say(line)


def stops_cleanly():
    for one in inspect():
        assert one["RestartCount"] == 0, f"{one['Name']} ended by itself"
    compose("stop", *OURS)
    for one in json.loads(said("docker", "inspect", *said(
            "docker", "ps", "-aq", "--filter", "name=mail-sender").split())):
        state, name = one["State"], one["Name"]
        assert not state["OOMKilled"], f"{name} was out of memory"
        if one["Config"]["Image"].startswith("postrider-"):
            assert state["ExitCode"] == 0, f"{name}: {state}"
            say(f"{name}: stopped, exit code 0")


def main():
    job = quick_start()
    traced(job)
    as_the_readme_says(job)
    operator()
    shut()
    up("--scale", f"worker={WORKERS}")
    workers_are_well()
    memory_holds()
    for service in OURS + OTHERS:
        restart_under_load(service)
    traced(quick_start())
    wrong = {subject: times for subject, times in caught().items()
             if times > 2}
    assert not wrong, f"later, more than once: {wrong}"
    stops_cleanly()


if __name__ == "__main__":
    short = sys.argv[1] == "--short"
    composition.COMPOSE += sys.argv[2:] if short else sys.argv[1:]
    if short:
        as_the_readme_says(quick_start())
    else:
        main()
