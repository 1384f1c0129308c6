# SPDX-License-Identifier: MIT
"""The two addresses that fail on purpose (TEST_ADDRESSES=on)."""

import json


def test_error_1_fails_once_and_is_sent_then(client, rig):
    job = client.wait(client.send("error-1@email.com"), "completed")
    assert [entry["status"] for entry in job["history"]] == [
        "queued", "processing", "retrying", "processing", "completed"]
    assert (job["attempts"], job["retry_count"]) == (2, 1)
    assert [mail.recipients for mail in rig.sink.mails] == [
        ["error-1@email.com"]]


def test_error_fails_for_good_at_the_third_try(client, rig):
    job_id = client.send("error@email.com")
    job = client.wait(job_id, "failed")
    assert [entry["status"] for entry in job["history"]] == [
        "queued", "processing", "retrying", "processing", "retrying",
        "processing", "failed"]
    assert (job["attempts"], job["retry_count"]) == (3, 3)
    assert job["last_error"]

    [(properties, body)] = rig.queues.take("email_tasks_failed")
    assert json.loads(body)["content"]["job_id"] == job_id
    assert properties.headers["x-reason"]
    assert "error@email.com" not in [
        mail.recipients[0] for mail in rig.sink.seen]
