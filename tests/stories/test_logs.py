# SPDX-License-Identifier: MIT
"""
What the logs hold of a mail: its id on each line about it, and neither its text
nor who it is for, nor any secret, also at level debug.
"""

import json
import re
import signal

import pytest

# Each stands in a place of its own, and nowhere in our words.
LOGIN = {"SMTP_USERNAME": "user", "SMTP_PASSWORD": "canary-password",
         "SMTP_TLS": "off"}
CANARIES = ("canary-password", "canary-recipient", "canary-blind",
            "canary-subject", "canary-body", "canary-html", "canary-file",
            "canary-header", "canary-tag", "canary-key",
            "Y2FuYXJ5LWZpbGU=")
SETTINGS = {"LOG_FORMAT": "json"}
MAIL = {"to": "canary-recipient@example.com",
        "bcc": "canary-blind@example.com", "subject": "canary-subject",
        "text": "canary-body\n", "html": "<p>canary-html",
        "headers": {"X-Story": "canary-header"},
        "tags": [{"name": "story", "value": "canary-tag"}],
        "attachments": [{"filename": "canary-file",
                         "content": "Y2FuYXJ5LWZpbGU="}]}


def logs(rig, name="*"):
    return {path.name: path.read_text(errors="replace") for path in sorted(
        (rig.folder / "log").glob(f"{name}.log"))}


def of_programs(rig):
    return {name: text for name, text in logs(rig).items()
            if name in ("api.log", "worker.log", "login.log", "events.log")}


def lines(rig):
    return [json.loads(line) for text in of_programs(rig).values()
            for line in text.splitlines()]


@pytest.fixture(scope="module")
def told(rig):
    """A mail that the relay refused in its own words, one that was no mail,
    and a login that failed. The lines of all programs."""
    rig.new_events().start()
    rig.sink.on("rcpt", reply="550 5.1.1 <canary-recipient@example.com> no")
    job_id = rig.client.post(MAIL, headers={
        "Idempotency-Key": "canary-key"}).json["job_id"]
    assert rig.client.wait(job_id)["status"] == "failed"
    assert rig.client.post(MAIL | {"subject": "canary-subject\n"}).status == 400
    rig.worker.wait_until(lambda: any(
        line["msg"] == "mail" and line["id"] == job_id
        for line in lines(rig)), 30, "done")
    rig.worker.stop()
    other = rig.new_worker("login", **LOGIN)
    other.ready = lambda: any(
        line["prog"] == "postrider-worker" and line["level"] == "error"
        for line in lines(rig))
    rig.client.send()
    other.start()
    return job_id, lines(rig)


def test_each_line_is_an_object_of_texts(told):
    for line in told[1]:
        assert list(line)[:4] == ["ts", "level", "prog", "msg"]
        assert all(isinstance(value, str) for value in line.values())


def test_what_became_of_a_mail_is_under_its_id(told):
    job_id, all_lines = told
    mine = [line for line in all_lines if line.get("id") == job_id]
    assert {line["msg"] for line in mine} >= {"delivery", "mail"}
    replies = [line.get("reply", "") for line in mine if line["msg"] == "mail"]
    assert any("c***@example.com" in reply for reply in replies), replies


def test_no_canary_is_in_any_log(told, rig):
    for name, text in of_programs(rig).items():
        assert text, name
        found = [canary for canary in CANARIES if canary in text]
        assert not found, (name, found)


def test_a_signal_lets_all_be_logged(new_rig):
    rig = new_rig({"LOG_LEVEL": "warning", "LOG_FORMAT": "logfmt"}).start()
    for program in (rig.api, rig.worker):
        def steps():
            return len(re.findall("level=debug", logs(rig)[
                f"{program.name}.log"]))

        def post():
            rig.client.wait(rig.client.send())
            return True
        post()
        assert steps() == 0
        program.child.send_signal(signal.SIGUSR2)
        program.wait_until(lambda: post() and steps() > 0, 30, "heard")
        program.child.send_signal(signal.SIGUSR2)

        def quiet():
            before = steps()
            return post() and steps() == before
        program.wait_until(quiet, 30, "quiet again")
