# SPDX-License-Identifier: MIT
"""Redis has lost a job, and RabbitMQ still has its message."""

import time


def hint(job_id, late=0, to=("a@example.com",), **more):
    now = int(time.time() * 1000) - late
    return {"version": 1, "next_at": now, "content": {
        "job_id": job_id, "to": list(to), "subject": "s", "body": "b",
        "created_at": now}} | more


def recipients(rig):
    return [mail.recipients for mail in rig.sink.seen]


def test_it_is_made_anew(rig, client):
    rig.queues.publish("email_tasks", hint("anew"))
    job = client.wait("anew", "completed")
    assert job["history"][0]["message"] == "Recovered from the queue"
    assert recipients(rig) == [["a@example.com"]]


def test_who_has_it_already_gets_it_no_second_time(rig, client):
    before = len(rig.sink.seen)
    rig.queues.publish("email_tasks", hint(
        "partly", to=("has@example.com", "waits@example.com"),
        results=[{"address": "has@example.com", "state": "taken", "code": 250,
                  "reply": "250 ok"}]))
    job = client.wait("partly", "completed")
    assert recipients(rig)[before:] == [["waits@example.com"]]
    assert {one["state"] for one in job["recipients"]} == {"taken"}


def test_a_day_later_it_is_not_sent(rig, client):
    before = len(rig.sink.seen)
    rig.queues.publish("email_tasks", hint("orphan", late=25 * 3600 * 1000))
    assert client.wait("orphan", "unknown")["reason"] == "orphan"
    assert len(rig.sink.seen) == before
    assert "id=orphan" in rig.worker.log.read_text()


def test_by_its_id_alone_it_cannot_be_sent(rig, client):
    before = len(rig.sink.seen)
    rig.queues.publish("email_tasks", {
        "version": 1, "next_at": int(time.time() * 1000),
        "content": {"job_id": "by-id"}})
    assert client.wait("by-id", "failed")["reason"] == "payload_lost"
    assert len(rig.sink.seen) == before
    [line] = [line for line in rig.worker.log.read_text().splitlines()
              if "id=by-id" in line and "level=error" in line]
    assert "not sent" in line
