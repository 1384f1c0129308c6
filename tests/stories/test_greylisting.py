# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""Postfix with Postgrey turns a new sender away at first (450), and later not."""

import os

import pytest

import delivered
from postfix import Postfix
from postgrey import Postgrey

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="Postfix needs root")
DELAY = 1  # s
SETTINGS = {"RETRY_BASE": "2500ms"}  # and jitter: more than DELAY


@pytest.fixture(scope="module")
def postgrey(tmp_path_factory):
    postgrey = Postgrey(tmp_path_factory.mktemp("postgrey"), DELAY)
    try:
        yield postgrey.start()
    finally:
        postgrey.stop()


@pytest.fixture(scope="module")
def postfix(postgrey, tmp_path_factory):
    postfix = Postfix(
        tmp_path_factory.mktemp("postfix"), recipients=
        f"check_policy_service inet:127.0.0.1:{postgrey.port}")
    try:
        yield postfix.start()
    finally:
        postfix.stop()


@pytest.fixture(scope="module")
def rig(new_rig, postfix):
    return new_rig({"SMTP_PORT": str(postfix.port)}).start()


def states(job):
    return {one["address"]: one["state"] for one in job["recipients"]}


def test_a_new_sender(client, postfix):
    job_id = client.send("reader@example.com")
    job = client.wait(job_id, "retrying")
    [first] = job["recipients"]
    assert (first["state"], first["code"]) == ("waiting", 450), job
    assert "Greylisted" in first["reply"], job
    assert job["next_at"] and (job["attempts"], job["retry_count"]) == (1, 1)
    job = client.wait(job_id, "completed")
    assert (job["attempts"], job["retry_count"]) == (2, 1), job
    assert [entry["status"] for entry in job["history"]] == [
        "queued", "processing", "retrying", "processing", "completed"]
    assert "Greylisted" in str(job["history"][2]), job["history"]
    assert delivered.stored(postfix.mailbox, 1).keys() == {job_id}


def test_the_known_one_does_not_wait_for_the_new_one(client, postfix):
    job_id = client.send(["reader@example.com", "second@example.com"])
    assert states(client.wait(job_id, "retrying")) == {
        "reader@example.com": "taken", "second@example.com": "waiting"}
    [first] = delivered.stored(postfix.mailbox, 1).values()
    assert b"X-Original-To: reader@example.com" in first
    job = client.wait(job_id, "completed")
    assert job["attempts"] == 2 and set(states(job).values()) == {"taken"}, job
    [second] = delivered.stored(postfix.mailbox, 1).values()
    assert b"X-Original-To: second@example.com" in second
