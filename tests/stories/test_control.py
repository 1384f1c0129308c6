# SPDX-License-Identifier: MIT
"""In control of a mail that is accepted: cancel it, try it again."""

import pytest

TEXT = {"subject": "A story", "body": "Hello\n"}


def change(client, job_id, what, data=None):
    return client.ask("POST", f"/api/emails/{job_id}/{what}", data)


def taken(rig, to):
    return [mail for mail in rig.sink.mails if to in mail.recipients]


def test_cancel_until_a_worker_has_it(rig, client):
    """Between two attempts; the answer says when it is being tried."""
    rule = rig.sink.on("rcpt", reply="451 4.7.1 not yet", to="c1@example.com")
    job_id = client.send("c1@example.com")
    client.wait(job_id, "retrying")
    answer = change(client, job_id, "cancel")
    assert answer.status in (200, 409), answer
    while answer.status == 409:  # it was just being tried again
        assert answer.json["status"] == "processing", answer
        answer = change(client, job_id, "cancel")
    assert answer.json == {
        "object": "email", "id": job_id, "status": "cancelled",
        "message": "Cancelled: no worker had it, and none sends it from now on"}
    rule.remove()
    assert change(client, job_id, "cancel").status == 200  # once more
    job = client.job(job_id)
    assert (job["status"], job["reason"], job["next_at"]) == (
        "cancelled", None, None)
    assert not taken(rig, "c1@example.com")


def test_cancel_says_that_a_worker_has_it(rig, client):
    held = rig.sink.on("dot", hold=True, to="c3@example.com")
    job_id = client.send("c3@example.com")
    client.wait(job_id, "processing")
    answer = change(client, job_id, "cancel")
    assert (answer.status, answer.json["status"], answer.json["message"]) == (
        409, "processing",
        "A worker is sending this mail now: it is too late")
    held.remove()
    assert client.wait(job_id)["status"] == "completed"
    answer = change(client, job_id, "cancel")
    assert (answer.status, answer.json["name"], answer.json["job_id"],
            answer.json["message"]) == (
                409, "wrong_status", job_id, "This mail is completed")


def test_retry_a_mail_that_failed(rig, client):
    """Who was refused is asked for again, who has it is not; its key is still
    that of one mail."""
    to = ["r1@example.com", "r2@example.com"]
    rule = rig.sink.on("rcpt", reply="550 5.7.1 not now")
    headers = {"Idempotency-Key": "retry-1"}
    first = client.post(TEXT | {"to": to}, headers=headers)
    job_id = first.json["id"]
    assert client.wait(job_id)["status"] == "failed"
    rule.remove()
    answer = change(client, job_id, "retry")
    assert answer.status == 200, answer
    assert (answer.json["id"], answer.json["status"]) == (job_id, "queued")
    job = client.wait(job_id)
    assert (job["status"], job["reason"], job["last_error"]) == (
        "completed", None, None)
    assert [entry["status"] for entry in job["history"]] == [
        "queued", "processing", "failed", "queued", "processing", "completed"]
    assert {one["state"] for one in job["recipients"]} == {"taken"}
    assert len(taken(rig, to[0])) == 1
    assert change(client, job_id, "retry").json["status"] == "completed"
    again = client.post(TEXT | {"to": to}, headers=headers)
    assert again.json["id"] == job_id and len(taken(rig, to[0])) == 1


def test_retry_a_mail_with_a_file(rig, client):
    """No message holds its payload."""
    rule = rig.sink.on("dot", reply="554 5.7.1 no")
    job_id = client.send("r3@example.com", attachments=[
        {"filename": "a.txt", "content": "QUJD"}])
    assert client.wait(job_id)["status"] == "failed"
    rule.remove()
    assert change(client, job_id, "retry").status == 200
    assert client.wait(job_id)["status"] == "completed"
    assert b"QUJD" in taken(rig, "r3@example.com")[0].data


@pytest.mark.parametrize("what", ["cancel", "retry"])
def test_no_such_mail(client, what):
    for job_id in ("none", "%20", "x" * 99):
        answer = change(client, job_id, what)
        assert (answer.status, answer.json["name"]) == (404, "not_found")
    answer = client.ask("GET", f"/api/emails/none/{what}")
    assert answer.status == 405 and answer.headers["Allow"] == "POST"


def test_retry_takes_expires_at_alone(client):
    for body, field in (({"to": "a@b.c"}, "to"), ({"expires_at": 5}, "expires_at"),
                        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
                        ({"expires_at": "soon"}, "expires_at"), ([], "")):
        answer = change(client, "none", "retry", body)
        assert answer.status == 400, answer
        assert [fault["field"] for fault in answer.json["details"]] == [field]
