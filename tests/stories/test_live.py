# SPDX-License-Identifier: MIT
"""Status as it happens over /ws, straight and behind lighttpd."""

import pytest

from live import Live

SETTINGS = {"RESUME_WAIT": "100ms"}
FIELDS = {"event_id", "job_id", "status", "seq", "timestamp", "updated_at",
          "created_at", "to", "subject", "last_error", "history",
          "retry_count"}


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.events = rig.new_events()
    return rig.start()


@pytest.fixture
def live(rig):
    with Live(f"{rig.lighttpd.url}/ws") as live:
        assert live.next()["type"] == "connection_status"
        yield live


def test_it_begins_with_how_things_are(rig):
    with Live(f"{rig.lighttpd.url}/ws") as live:
        status = live.next()
    assert status["type"] == "connection_status"
    assert status["data"]["status"] == "connected"
    assert status["data"]["redis"] == "up"
    assert status["data"]["last_event_id"]


def test_a_mail_from_submission_to_the_end(live, client):
    job_id = client.send("reader@example.com", "Live")
    events = live.until(job_id, "completed")
    assert [event["status"] for event in events] == [
        "queued", "processing", "completed"]
    assert [event["seq"] for event in events] == [1, 2, 3]
    job = client.job(job_id)
    for event in events:
        assert event.keys() == FIELDS
        assert event["to"] == ["reader@example.com"]
        assert event["subject"] == "Live"
        assert event["history"] == job["history"][:event["seq"]]
        assert event["timestamp"] == event["history"][-1]["timestamp"]
        assert event["created_at"] == job["created_at"]
        assert (event["retry_count"], event["last_error"]) == (0, None)
    assert events[-1]["updated_at"] == job["updated_at"]


def test_failures_are_told_with_their_error(live, client):
    events = live.until(client.send("error@email.com"), "failed")
    assert [event["status"] for event in events] == [
        "queued", "processing", "retrying", "processing", "retrying",
        "processing", "failed"]
    assert [event["retry_count"] for event in events] == [
        0, 0, 1, 1, 2, 2, 3]
    assert events[2]["last_error"] and events[6]["last_error"]


def test_the_first_is_called_created(live, client):
    job_id = client.send()
    message = live.next("job_created", "job_status_update")
    assert message["type"] == "job_created"
    assert message["data"]["job_id"] == job_id
    assert live.next("job_created", "job_status_update")["type"] == \
        "job_status_update"


def test_ping_is_answered(live):
    live.say({"type": "ping"})
    assert live.next()["type"] == "pong"
