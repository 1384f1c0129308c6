# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""What a relay says, at each step, and what becomes of the mail."""

import pytest

SETTINGS = {"RETRY_BASE": "200ms", "SMTP_CONNECTIONS": "2"}


def copies(rig, to):
    return [mail for mail in rig.sink.seen if to in mail.recipients]


def messages(job):
    return [entry["message"] for entry in job["history"]]


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
def test_not_now(rig, client, step):
    rule = rig.sink.on(step, reply="451 4.3.0 try again later", times=1)
    job = client.wait(client.send(f"later-{step}@example.com"), "completed")
    rule.remove()
    assert (job["attempts"], job["retry_count"]) == (2, 1), job
    assert "451" in str(job["history"])


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
def test_never(rig, client, step):
    rule = rig.sink.on(step, reply="550 5.7.1 not wanted here", times=1)
    job = client.wait(client.send(f"never-{step}@example.com"), "failed")
    rule.remove()
    assert (job["attempts"], job["reason"]) == (1, "rejected"), job
    # The connection is as good as before.
    client.wait(client.send(f"after-{step}@example.com"), "completed")


def test_recipients_have_their_own_ends(rig, client):
    rules = [rig.sink.on("rcpt", reply="550 5.1.1 no such user", to="no@e.com"),
             rig.sink.on("rcpt", reply="450 4.2.1 busy", to="late@e.com",
                         times=1)]
    job = client.wait(client.send(["yes@e.com", "no@e.com", "late@e.com"]),
                      "completed")
    for rule in rules:
        rule.remove()
    assert {one["address"]: one["state"] for one in job["recipients"]} == {
        "yes@e.com": "taken", "no@e.com": "refused", "late@e.com": "taken"}
    assert [len(copies(rig, to)) for to in
            ("yes@e.com", "no@e.com", "late@e.com")] == [1, 0, 1]


def test_all_refused_and_data_taken_all_the_same(rig, client):
    rules = [rig.sink.on("rcpt", reply="550 5.1.1 no", times=1),
             rig.sink.on("data", reply="354 go ahead", times=1)]
    job = client.wait(client.send("none@example.com"), "failed")
    for rule in rules:
        rule.remove()
    assert job["reason"] == "rejected"
    client.wait(client.send("next@example.com"), "completed")


def test_cut_before_the_dot(rig, client):
    rule = rig.sink.on("data", cut=True, times=1)
    job = client.wait(client.send("before@example.com"), "completed")
    rule.remove()
    assert "outcome unknown" not in messages(job)
    assert len(copies(rig, "before@example.com")) == 1


def test_cut_after_the_dot(rig, client):
    rule = rig.sink.on("dot", cut=True, to="after@example.com", times=1)
    job = client.wait(client.send("after@example.com"), "completed")
    rule.remove()
    assert messages(job).count("outcome unknown") == 1
    both = copies(rig, "after@example.com")
    assert len(both) == 2 and both[0].data == both[1].data  # same Message-ID


def test_cut_after_every_dot(rig, client):
    rule = rig.sink.on("dot", cut=True, to="always@example.com")
    job = client.wait(client.send("always@example.com"), "unknown")
    rule.remove()
    assert job["reason"] == "outcome_unknown"
    assert len(copies(rig, "always@example.com")) == 2  # 1 + UNKNOWN_MAX


def test_no_pipelining(new_rig):
    rig = new_rig()
    rig.sink.extensions = ("8BITMIME",)
    rig.start()
    for i in range(5):
        rig.client.wait(rig.client.send(f"step-{i}@example.com"), "completed")
    for connection in rig.sink.connections:
        for _, chunk in connection.chunks:
            assert b"MAIL" not in chunk or b"RCPT" not in chunk


def test_load_makes_no_needless_release(new_rig):
    rig = new_rig({"SMTP_CONNECTIONS": "16"}).start()
    rig.sink.on("dot", delay=0.005)
    ids = [rig.client.send(f"load-{i}@example.com") for i in range(300)]
    for job_id in ids:
        job = rig.client.wait(job_id, "completed")
        assert [entry["status"] for entry in job["history"]] == [
            "queued", "processing", "completed"], job
    assert len(rig.sink.seen) == len(ids)


def test_a_greeting_that_turns_us_away(new_rig):
    rig = new_rig()
    rule = rig.sink.on("connect", reply="554 5.7.1 go away")
    rig.start()
    job_id = rig.client.send("greeted@example.com")
    deadline = 40
    while rule.hits < 2 and deadline:
        rig.client.wait(job_id, "queued")
        deadline -= 1
    assert rig.client.job(job_id)["attempts"] == 0
    rule.remove()
    assert rig.client.wait(job_id, "completed")["attempts"] == 1
