# SPDX-License-Identifier: MIT
"""A mail that is tried again: when, why, how often, and until when."""

import time
from datetime import datetime

GREYLISTED = "450 4.2.0 <ada@example.com>: Recipient address rejected: Greylisted"


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def taken(rig, to):
    return [mail for mail in rig.sink.mails if to in mail.recipients]


def test_greylisting(rig, client):
    """Deferred until the relay knows us, then taken; the job says all of it."""
    rule = rig.sink.on("rcpt", reply=GREYLISTED, to="ada@example.com")
    before = time.time()
    job_id = client.send("ada@example.com")
    job = client.wait(job_id, "retrying")
    assert (job["reason"], job["last_code"], job["last_error"]) == (
        "deferred", 450, GREYLISTED)
    assert job["recipients"] == [{"address": "ada@example.com", "code": 450,
                                  "state": "waiting", "reply": GREYLISTED}]
    assert before < when(job["next_at"]) < time.time() + 5
    rule.remove()
    job = client.wait(job_id, "completed")
    assert (job["reason"], job["next_at"], job["last_error"]) == (None,) * 3
    assert job["retry_count"] == job["attempts"] - 1 >= 1
    assert job["recipients"][0]["state"] == "taken"
    assert len(taken(rig, "ada@example.com")) == 1


def test_pauses_grow(new_rig):
    """RETRY_BASE, then four times as long up to RETRY_CAP, +-20 %."""
    rig = new_rig({"RETRY_BASE": "500ms", "RETRY_CAP": "1s"}).start()
    rig.sink.on("dot", reply="451 4.3.0 later")
    job_id = rig.client.send("grow@example.com")
    pauses = {}
    while len(pauses) < 3:
        job = rig.client.wait(job_id, "retrying")
        pauses[job["attempts"]] = when(job["next_at"]) - when(job["updated_at"])
        time.sleep(0.02)
    for attempt, pause in pauses.items():
        middle = 0.5 if attempt == 1 else 1
        assert 0.8 * middle <= pause <= 1.2 * middle, pauses


def test_given_up(new_rig):
    """At RETRY_FOR, with the last reply; a late taker gets nothing."""
    rig = new_rig({"RETRY_FOR": "2500ms"}).start()
    rule = rig.sink.on("rcpt", reply="451 4.7.1 not yet", to="late@e.com")
    job = rig.client.wait(rig.client.send(["now@e.com", "late@e.com"]))
    assert (job["status"], job["reason"]) == ("failed", "gave_up"), job
    assert (job["last_code"], job["last_error"]) == (451, "451 4.7.1 not yet")
    assert job["next_at"] is None
    first = next(entry for entry in job["history"]
                 if entry["status"] == "retrying")
    tried_for = when(job["updated_at"]) - when(first["timestamp"])
    assert tried_for >= 2.5
    assert {one["address"]: one["state"] for one in job["recipients"]} == {
        "now@e.com": "taken", "late@e.com": "waiting"}
    assert rule.hits == job["attempts"] >= 2
    rule.remove()
    assert len(taken(rig, "now@e.com")) == 1 and not taken(rig, "late@e.com")


def test_a_relay_that_is_down_is_no_time_tried(new_rig):
    """Down for longer than RETRY_FOR: the mail is sent when it is back."""
    rig = new_rig({"RETRY_FOR": "3s"}).start()
    rig.sink.on("rcpt", reply="451 4.7.1 not yet", times=2)
    job_id = rig.client.send("patient@example.com")
    rig.client.wait(job_id, "retrying")
    rig.sink.down()
    time.sleep(4)
    rig.sink.listen()
    job = rig.client.wait(job_id, "completed")
    assert job["retry_count"] == 2, job


def test_too_many_recipients(rig, client):
    """The relay takes three at a time: the rest later, and nobody twice."""
    to = [f"many-{i}@example.com" for i in range(8)]
    rig.sink.recipients_max = 3
    job = client.wait(client.send(to), "completed")
    rig.sink.recipients_max = None
    # Taking some is no failure.
    assert (job["attempts"], job["retry_count"]) == (3, 0), job
    assert {one["state"] for one in job["recipients"]} == {"taken"}
    mails = [mail for mail in rig.sink.seen if set(mail.recipients) & set(to)]
    assert [mail.recipients for mail in mails] == [to[:3], to[3:6], to[6:]]
    assert job["history"][2]["error"] == "452 4.5.3 Too many recipients"
