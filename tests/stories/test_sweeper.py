# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""What nobody looks after is put right, and what only waits is left alone.
STORIES_BACKLOG=100000 STORIES_STOPPED=180 OVERDUE_AFTER=60s is the first story in
full."""

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from proxy import Proxy
from stack import ports
from stack.answer import ask

BACKLOG = int(os.environ.get("STORIES_BACKLOG", 3000))
STOPPED = float(os.environ.get("STORIES_STOPPED", 6))
SETTINGS = {"OVERDUE_AFTER": os.environ.get("OVERDUE_AFTER", "2s"),
            "SWEEP_INTERVAL": "500ms", "OUTBOX_AFTER": "500ms",
            "LEASE_TTL": "3s", "ACCEPT_TIMEOUT": "30s", "LOG_LEVEL": "info",
            "SMTP_CONNECTIONS": "4"}
# A method frame of channel 1: basic.publish (60, 40).
PUBLISH = re.compile(rb"\x01\x00\x01.{4}\x00\x3c\x00\x28", re.S)


@pytest.fixture
def broker(rabbitmq):
    """Two ways to it, for the API and for the worker, that are listened to."""
    ways = [Proxy(rabbitmq.port, keeps=True) for _ in range(2)]
    yield ways
    for way in ways:
        way.stop()


def published(way):
    return len(PUBLISH.findall(bytes(way.passed["up"])))


def send_many(rig, count, name="reader"):
    with ThreadPoolExecutor(8) as posters:
        return list(posters.map(
            lambda i: rig.client.send(f"{name}-{i}@example.com"), range(count)))


def wait_for(check, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, check
        time.sleep(0.05)
    return found


def health(rig):
    return ask("GET", rig.worker.url + "/health").json


def test_a_backlog_is_published_once(new_rig, broker):
    rig = new_rig()
    for service, way in zip((rig.api, rig.worker), broker):
        service.env["RABBITMQ_URL"] = rig.amqp_url(way.port)
    rig.start()
    rig.worker.stop()
    send_many(rig, BACKLOG)
    time.sleep(STOPPED)  # what the story is about: three OVERDUE_AFTERs
    rig.sink.on("dot", delay=0.008)  # as long again to send them all
    rig.worker.start()
    rig.sink.wait(BACKLOG, 60 + BACKLOG / 100)
    wait_for(lambda: rig.client.history(status="completed", limit=1)["total"]
             == BACKLOG)
    assert [published(way) for way in broker] == [BACKLOG, 0]
    assert len(rig.sink.seen) == BACKLOG
    assert health(rig)["overdue"] == 0


def test_a_message_that_is_lost_is_published_again(new_rig):
    rig = new_rig().start()
    rig.worker.stop()
    lost = send_many(rig, 40, "lost")
    channel = rig.queues.channel()
    channel.queue_purge("email_tasks")
    channel.connection.close()
    send_many(rig, 40)
    rig.worker.start()
    for job_id in lost:
        rig.client.wait(job_id, "completed", seconds=60)
    assert health(rig)["overdue"] == len(lost)
    log = rig.worker.log.read_text()
    assert all(f"id={job_id}" in log for job_id in lost)
    assert len(rig.sink.seen) == 80


def test_what_the_broker_gave_up_on(new_rig):
    """email_dead: the jobs' states say what becomes of it."""
    rig = new_rig({"OVERDUE_AFTER": "1h"}).start()
    done = rig.client.send("done@example.com")
    rig.client.wait(done, "completed")
    rig.worker.stop()
    waits = rig.client.send("waits@example.com")
    [(properties, body)] = rig.queues.take("email_tasks")
    lost = body.replace(waits.encode(), b"known-to-nobody").replace(
        b"waits@", b"lost@")
    rig.queues.publish("email_dead", body, body.replace(
        waits.encode(), done.encode()), lost, b"no JSON")
    rig.worker.start()
    for job_id in (waits, "known-to-nobody"):
        rig.client.wait(job_id, "completed")
    [(properties, body)] = rig.queues.take("email_tasks_failed")
    assert body == b"no JSON" and "JSON" in properties.headers["x-reason"]
    wait_for(lambda: rig.queues.depth("email_dead") == 0)
    assert sorted(mail.recipients[0] for mail in rig.sink.seen) == [
        "done@example.com", "lost@example.com", "waits@example.com"]


def test_the_outbox_is_emptied_in_one_go(new_rig):
    """Not a round's worth at each SWEEP_INTERVAL: that would be 180 s here."""
    rig = new_rig({"SWEEP_INTERVAL": "30s"})
    rig.api.env["RABBITMQ_URL"] = rig.amqp_url(ports.free())
    rig.wait_ready = lambda: None
    rig.start()
    wait_for(lambda: rig.client.get("/ready").status == 200)
    send_many(rig, 3000)
    rig.sink.wait(3000, 100)
    assert rig.client.history(status="retrying", limit=1)["total"] == 0
    assert len(rig.sink.seen) == 3000
