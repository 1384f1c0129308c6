# SPDX-License-Identifier: MIT
"""What is said of a mail before its message, as the relay offers it."""

import pytest

SETTINGS = {"BOUNCE_ADDRESS": "bounces@example.org", "SMTP_MAILS_PER_CONNECTION": "1"}


def sent(rig, **fields):
    job = rig.client.wait(rig.client.send(**fields))
    return job, rig.sink.mails[-1] if job["status"] == "completed" else None


@pytest.fixture(params=[(), ("PIPELINING",)], ids=["alone", "pipelined"])
def pipelining(request):
    return request.param


def test_everything_offered(rig, pipelining):
    rig.sink.extensions = (*pipelining, "SIZE 100000", "DSN")
    job, mail = sent(rig, to=["ann@example.com", "bob@example.com"],
                     cc="cid@example.com", bcc="dan@example.com",
                     body=".\n..\n" * 50, **{"from": "shop@example.net"})
    assert mail.sender == f"bounces+{job['job_id']}@example.org"
    assert mail.parameters.split() == [
        f"SIZE={len(mail.data)}", "RET=HDRS", f"ENVID={job['job_id']}"]
    assert mail.asked == dict.fromkeys(
        ("ann@example.com", "bob@example.com", "cid@example.com",
         "dan@example.com"), "NOTIFY=FAILURE,DELAY")
    assert b"From: shop@example.net\r\n" in mail.data
    assert b"dan@" not in mail.data and b"bounces+" not in mail.data
    assert job["to"] == ["ann@example.com", "bob@example.com"]


def test_nothing_offered(rig):
    rig.sink.extensions = ()
    job, mail = sent(rig)
    assert mail.parameters == ""
    assert mail.asked == {"reader@example.com": ""}
    assert mail.sender == f"bounces+{job['job_id']}@example.org"


def test_too_large(rig, pipelining):
    """It is not even tried; what fits goes on."""
    rig.sink.extensions = (*pipelining, "SIZE 3000")
    before = len(rig.sink.seen)
    job, _ = sent(rig, body="x" * 4000)
    assert (job["status"], job["reason"]) == ("failed", "too_large"), job
    assert "the relay takes 3000 at most" in job["last_error"]
    job, mail = sent(rig)
    assert mail.parameters == f"SIZE={len(mail.data)}"
    assert len(rig.sink.seen) == before + 1


def test_no_limit(rig):
    rig.sink.extensions = ("SIZE 0",)
    _, mail = sent(rig, body="x" * 4000)
    assert mail.parameters == f"SIZE={len(mail.data)}"
