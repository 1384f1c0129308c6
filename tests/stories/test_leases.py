# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""Who holds a mail: a worker that was stopped sends nothing that another has
taken over, and a Redis that was away makes nobody dead."""

import json
import os
import signal
import time
from collections import Counter

import pytest
from scripts import Store, mail
from stack.answer import ask

LEASE = 1.0  # s
COUNT = 6
SETTINGS = {"LEASE_TTL": f"{LEASE:.0f}s", "SWEEP_INTERVAL": "200ms",
            "UNKNOWN_GRACE": "1s", "SMTP_CONNECTIONS": "2",
            "AMQP_HEARTBEAT": "1s"}  # a stopped worker holds messages so long


def wait_for(check, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, check
        time.sleep(0.02)
    return found


def copies(rig):
    return Counter(mail.recipients[0] for mail in rig.sink.seen)


def messages(job):
    return [entry["message"] for entry in job["history"]]


@pytest.fixture
def two(new_rig):
    """A rig and a second worker that is not started yet."""
    rig = new_rig().start()
    rig.other = rig.new_worker("other", STATE_DIRECTORY=str(rig.worker.state))
    return rig


def taken_over(rig, job_id):
    wait_for(lambda: rig.client.job(job_id)["status"] == "completed")


def test_stopped_before_the_dot(two):
    """Its journal says so: another sends the mail, and it does not."""
    held = two.sink.on("data", hold=True, times=1)
    job_id = two.client.send("before@example.com")
    wait_for(lambda: held.holding)
    os.kill(two.worker.pid, signal.SIGSTOP)
    two.other.start()
    taken_over(two, job_id)
    held.release()
    os.kill(two.worker.pid, signal.SIGCONT)
    wait_for(lambda: "another worker has this mail"
             in two.worker.log.read_text())
    assert copies(two) == {"before@example.com": 1}
    assert "outcome unknown" not in messages(two.client.job(job_id))


def test_stopped_after_the_dot(two):
    """It may have been sent: that is recorded, and its proof that comes late."""
    held = two.sink.on("dot", hold=True, times=1)
    job_id = two.client.send("after@example.com")
    wait_for(lambda: held.holding)
    os.kill(two.worker.pid, signal.SIGSTOP)
    two.other.start()
    taken_over(two, job_id)
    assert messages(two.client.job(job_id)).count("outcome unknown") == 1
    held.release()
    os.kill(two.worker.pid, signal.SIGCONT)
    wait_for(lambda: ask("GET", two.worker.url + "/health").json["late"] == 1)
    job = two.client.job(job_id)
    assert job["status"] == "completed"
    assert "also taken by the relay" in messages(job)
    assert copies(two) == {"after@example.com": 2}


@pytest.mark.parametrize("how", ["stalled", "restarted"])
def test_a_redis_that_was_away_makes_nobody_dead(two, how):
    two.other.start()
    held = two.sink.on("dot", hold=True)
    ids = [two.client.send(f"{how}-{i}@example.com") for i in range(COUNT)]
    wait_for(lambda: held.holding >= 2)
    if how == "stalled":
        os.kill(two.redis.pid, signal.SIGSTOP)
        time.sleep(5 * LEASE)  # every lease runs out
        os.kill(two.redis.pid, signal.SIGCONT)
    else:
        two.redis.stop()
        time.sleep(3 * LEASE)
        two.redis.start()
    time.sleep(6 * LEASE)  # in which they would be judged
    held.release()
    for job_id in ids:
        job = two.client.wait(job_id, "completed")
        assert "outcome unknown" not in messages(job)
    assert len(copies(two)) == COUNT and set(copies(two).values()) == {1}


def test_a_claim_is_its_owners_while_he_lives(two):
    """However slow his relay: past the time at which a claim is looked at."""
    held = two.sink.on("dot", hold=True, times=1)
    job_id = two.client.send("slow@example.com")
    wait_for(lambda: held.holding)
    store = two.store()
    store.hset(f"job:{job_id}", "lease_until", 1)
    for _ in range(3):
        store.zadd("jobs:due", {job_id: 1})
        wait_for(lambda: store.zscore("jobs:due", job_id) > 1)
    held.release()
    job = two.client.wait(job_id, "completed")
    assert "outcome unknown" not in messages(job)
    assert copies(two) == {"slow@example.com": 1}


def test_what_a_worker_holds_only_in_redis(two):
    """A claim came late, by a connection that was lost: nobody has it in hand,
    and by the journal it was not sent."""
    scripts = Store(two.redis.url)
    store = scripts.redis
    owner = wait_for(lambda: store.smembers("owners")).pop()
    scripts.once("accept", *mail("leak", json.dumps(
        {"job_id": "leak", "to": ["leak@example.com"], "subject": "s",
         "body": "b"})))
    claim = scripts.once("claim", "leak", owner, "late", 60_000, 0, 60_000, "")
    assert claim[0] == "claimed"
    store.client_kill_filter(_type="normal", skipme=True)
    wait_for(lambda: store.hget("job:leak", "status") == "completed")
    two.wait_ready()
    assert "outcome unknown" not in messages(two.client.job("leak"))
    assert copies(two) == {"leak@example.com": 1}
