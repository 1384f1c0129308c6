# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""Redis goes back in time (a restored dump, an AOF cut short) or is another:
nothing is sent until the operator has said what is to be done."""

import shutil
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from rig import WORKER
from stack.answer import ask

COUNT = 100
REASON = "redis is not the store that was known: see the log"
SETTINGS = {"LEASE_TTL": "3s", "SWEEP_INTERVAL": "200ms",
            "OVERDUE_AFTER": "1s", "LOG_LEVEL": "info"}


def wait_for(check, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, check
        time.sleep(0.05)
    return found


def health(worker):
    return ask("GET", worker.url + "/health").json


def send_many(rig, name, count=COUNT):
    with ThreadPoolExecutor(8) as posters:
        return list(posters.map(
            lambda i: rig.client.send(f"{name}-{i}@example.com"), range(count)))


def total(rig, status):
    return rig.client.history(status=status, limit=1)["total"]


def dump(rig):
    rig.redis.stop()
    shutil.copytree(rig.redis.data, rig.folder / "dump")
    rig.redis.start()
    rig.wait_ready()


def restore(rig):
    rig.redis.stop()
    shutil.rmtree(rig.redis.data)
    shutil.copytree(rig.folder / "dump", rig.redis.data)
    rig.redis.start()
    rig.wait_ready()


def decide(rig, how):
    """The operator does, on the worker's host."""
    return subprocess.run([WORKER, "--restore", how], text=True, check=True,
                          env=rig.worker.environment(), timeout=60,
                          capture_output=True).stdout


def held(rig):
    """Until the worker says so, to its health and to its log."""
    wait_for(lambda: health(rig.worker)["reason"] == REASON)
    assert ask("GET", rig.worker.url + "/ready").status == 503
    log = rig.worker.log.read_text()
    [line] = [line for line in log.splitlines()
              if "nothing is sent" in line and "level=error" in line]
    assert "--restore hold" in line and "--restore send" in line
    return line


def start_held(rig):
    rig.worker.ready = lambda: health_answers(rig)
    rig.worker.start()


def health_answers(rig):
    try:
        return bool(health(rig.worker))
    except OSError:
        return False


@pytest.fixture
def rig(new_rig):
    """100 mails are sent after a dump that has them queued; it is restored."""
    rig = new_rig().start()
    rig.worker.stop()
    send_many(rig, "reader")
    dump(rig)
    rig.worker.start()
    rig.sink.wait(COUNT, 60)
    wait_for(lambda: total(rig, "completed") == COUNT)
    return rig


def sent_once(rig, count=COUNT):
    copies = Counter(mail.recipients[0] for mail in rig.sink.seen)
    assert len(copies) == count and set(copies.values()) == {1}


def test_a_restored_dump_and_the_journal(rig):
    rig.worker.stop()
    restore(rig)
    start_held(rig)
    assert "back in time" in held(rig)
    # The journal knows of every one.
    wait_for(lambda: total(rig, "completed") == COUNT)
    later = rig.client.send("later@example.com")  # accepting goes on
    time.sleep(3)  # in which it would be sent, and the 100 be overdue
    assert rig.client.job(later)["status"] == "queued"
    sent_once(rig)
    assert "0 mails are held" in decide(rig, "send")
    rig.client.wait(later, "completed")
    wait_for(lambda: health(rig.worker)["status"] == "ok")
    sent_once(rig, COUNT + 1)
    rig.worker.stop()  # and it stays decided
    rig.worker.start()
    rig.client.wait(rig.client.send("last@example.com"), "completed")


def test_a_restored_dump_without_a_journal(rig):
    """Nobody can tell what was sent: it is left for a person."""
    rig.worker.stop()
    shutil.rmtree(rig.worker.state / "journal")
    restore(rig)
    start_held(rig)
    held(rig)
    later = rig.client.send("later@example.com")
    assert f"{COUNT} mails are held" in decide(rig, "hold")
    rig.client.wait(later, "completed")
    assert total(rig, "unknown") == COUNT
    page = rig.client.history(status="unknown", limit=1)
    assert page["jobs"][0]["reason"] == "restored"
    sent_once(rig, COUNT + 1)


def test_while_the_worker_runs(rig):
    restore(rig)
    held(rig)
    wait_for(lambda: total(rig, "completed") == COUNT)
    assert "0 mails are held" in decide(rig, "hold")
    rig.client.wait(rig.client.send("later@example.com"), "completed")
    sent_once(rig, COUNT + 1)


def test_an_empty_redis_is_another_one(rig):
    rig.redis.stop()
    shutil.rmtree(rig.redis.data)
    rig.redis.start()
    rig.wait_ready()
    assert "another store" in held(rig)
    job = rig.client.send("later@example.com")
    other = rig.new_worker("other")  # a new install knows no other one
    other.start()
    rig.client.wait(job, "completed")
    other.stop()
    decide(rig, "send")
    wait_for(lambda: health(rig.worker)["status"] == "ok")
    rig.client.wait(rig.client.send("last@example.com"), "completed")
    sent_once(rig, COUNT + 2)


def test_a_word_that_is_none(rig):
    ended = subprocess.run([WORKER, "--restore", "maybe"], timeout=60,
                           env=rig.worker.environment(), capture_output=True)
    assert ended.returncode == 2 and b"hold or send" in ended.stderr
