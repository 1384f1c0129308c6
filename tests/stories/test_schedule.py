# SPDX-License-Identifier: MIT
"""Mails for later, and mails that are no use after a time."""

import time
from datetime import datetime, timezone

TEXT = {"to": "later@example.com", "subject": "A story", "body": "Hello\n"}


def at(seconds):
    """RFC 3339, so many seconds from now."""
    return datetime.fromtimestamp(time.time() + seconds, timezone.utc
                                  ).isoformat().replace("+00:00", "Z")


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def taken(rig, to):
    return [mail for mail in rig.sink.mails if to in mail.recipients]


def move(client, job_id, **times):
    return client.ask("PATCH", f"/api/emails/{job_id}", times)


def test_sent_at_its_time(rig, client):
    """Of three, the first told is the last sent; none is early."""
    due = {}
    for number, scheduled_at in enumerate((at(5), "in 4 seconds", at(3))):
        to = f"due-{number}@example.com"
        answer = client.post(TEXT | {"to": to, "scheduled_at": scheduled_at})
        assert (answer.status, answer.json["status"]) == (201, "scheduled")
        job = client.job(answer.json["id"])
        assert job["history"][0]["status"] == job["status"] == "scheduled", job
        assert job["scheduled_at"] == job["next_at"]
        assert "expires_at" not in job and "priority" not in job
        due[to] = when(job["next_at"])
    rig.sink.wait(3)
    mails = [mail for mail in rig.sink.mails if mail.recipients[0] in due]
    assert [mail.recipients[0] for mail in mails] == [
        f"due-{number}@example.com" for number in (2, 1, 0)]
    for mail in mails:
        assert mail.time >= due[mail.recipients[0]] - 1, "early"


def test_what_is_no_time(client):
    for fields, field in (({"scheduled_at": "soon"}, "scheduled_at"),
                          ({"scheduled_at": at(-90)}, "scheduled_at"),
                          ({"scheduled_at": at(41 * 86400)}, "scheduled_at"),
                          ({"scheduled_at": 5}, "scheduled_at"),
                          ({"expires_at": at(-1)}, "expires_at"),
                          ({"scheduled_at": at(60), "expires_at": at(50)},
                           "expires_at")):
        answer = client.post(TEXT | fields)
        assert answer.status == 400, answer
        assert [fault["field"] for fault in answer.json["details"]] == [field]


def test_moved_and_taken_back(rig, client):
    job_id = client.send("moved@example.com", scheduled_at="in 40 days")
    job = client.job(job_id)
    assert abs(when(job["next_at"]) - time.time() - 40 * 86400) < 60
    later = at(30 * 86400)
    answer = move(client, job_id, scheduled_at=later)
    assert answer.json == {"object": "email", "id": job_id,
                           "status": "scheduled",
                           "message": "It is sent at the new time"}
    assert abs(when(client.job(job_id)["next_at"]) - when(later)) < 0.01
    assert move(client, job_id, scheduled_at=at(1)).status == 200
    assert client.wait(job_id)["status"] == "completed"
    assert len(taken(rig, "moved@example.com")) == 1
    answer = move(client, job_id, scheduled_at=at(60))
    assert (answer.status, answer.json["name"], answer.json["status"]) == (
        409, "wrong_status", "completed")
    back = client.send("back@example.com", scheduled_at=at(2))
    answer = client.ask("POST", f"/api/emails/{back}/cancel")
    assert answer.json["status"] == "cancelled", answer
    last = client.send("last@example.com", scheduled_at=at(3))
    assert client.wait(last)["status"] == "completed"
    assert client.job(back)["status"] == "cancelled"
    assert not taken(rig, "back@example.com")


def test_moving_needs_a_time(client):
    for body, field in (({}, "scheduled_at"), ({"scheduled_at": "x"},
                                               "scheduled_at"),
                        ({"scheduled_at": at(60), "subject": "y"}, "subject")):
        answer = client.ask("PATCH", "/api/emails/none", body)
        assert answer.status == 400, answer
        assert [fault["field"] for fault in answer.json["details"]] == [field]
    answer = move(client, "none", scheduled_at=at(60))
    assert (answer.status, answer.json["name"]) == (404, "not_found")


def test_expires_between_two_attempts(rig, client):
    rule = rig.sink.on("rcpt", reply="451 4.7.1 not yet", to="x1@example.com")
    job_id = client.send("x1@example.com", expires_at=at(2))
    job = client.wait(job_id)
    rule.remove()
    assert (job["status"], job["reason"]) == ("failed", "expired")
    assert job["attempts"] >= 1 and job["last_code"] == 451
    answer = client.ask("POST", f"/api/emails/{job_id}/retry")
    assert (answer.status, answer.json["name"]) == (409, "expired")
    assert not taken(rig, "x1@example.com")
    answer = client.ask("POST", f"/api/emails/{job_id}/retry",
                        {"expires_at": "in 1 hour"})
    assert answer.status == 200, answer
    assert client.wait(job_id)["status"] == "completed"
    assert len(taken(rig, "x1@example.com")) == 1


def test_expires_right_before_the_dot(rig, client):
    """All is said but the dot; the relay never gets it."""
    held = rig.sink.on("data", hold=True, to="x2@example.com")
    job_id = client.send("x2@example.com", expires_at=at(1))
    client.wait(job_id, "processing")
    time.sleep(1.5)
    held.remove()
    job = client.wait(job_id)
    assert (job["status"], job["reason"]) == ("failed", "expired")
    assert not taken(rig, "x2@example.com")
    assert not [mail for mail in rig.sink.seen
                if "x2@example.com" in mail.recipients]
