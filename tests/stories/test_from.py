# SPDX-License-Identifier: MIT
"""
Who a mail is from: of domains that the operator has allowed, whatever the key
or its want may say; and nothing else of the transaction is a client's to choose.
"""

import pytest

from keys import Keys

SETTINGS = {"AUTH": "required", "ALLOWED_FROM": "example.com,*.example.org",
            "BOUNCE_ADDRESS": "bounces@ours.example"}
MAIL = {"to": "a@b.example", "subject": "s", "text": "t"}


@pytest.fixture(scope="module")
def keys(rig):
    return Keys(rig)


@pytest.fixture(scope="module")
def free(keys):
    return keys.client("send,read")


def refused_from(answer):
    """(field, what is said of it)"""
    assert (answer.status, answer.json["name"]) == (403, "validation_error")
    [fault] = answer.json["details"]
    return fault["field"], fault["message"]


@pytest.mark.parametrize("sender", [
    "a@example.net", "a@example.org", "a@x.example.com",
    "a@example.com.evil.example", "example.com <a@example.net>",
    "\"a@example.com\" <a@evil.example>"])
def test_others_are_refused(free, sender):
    field, why = refused_from(free.post(MAIL | {"from": sender}))
    assert field == "from" and "ALLOWED_FROM" in why, why


@pytest.mark.parametrize("sender", [
    "a@example.com", "A <a@EXAMPLE.com>", "a@x.example.org", None])
def test_those_are_sent(rig, free, sender):
    mail = MAIL | ({"from": sender} if sender else {})
    job_id = free.post(mail).json["job_id"]
    assert free.wait(job_id)["status"] == "completed"


def test_a_key_may_do_no_more_than_all_may(keys):
    """Both lists hold: who makes keys does not widen ALLOWED_FROM."""
    bound = keys.client(domains="example.net,example.com")
    assert bound.post(MAIL | {"from": "a@example.com"}).status == 201
    refused_from(bound.post(MAIL | {"from": "a@example.net"}))
    refused_from(bound.post(MAIL | {"from": "a@x.example.org"}))


def test_a_batch_is_held_to_it(free):
    answer = free.ask("POST", "/api/emails/batch", [
        MAIL | {"from": "a@example.com"}, MAIL | {"from": "a@example.net"}])
    assert answer.status == 403, answer
    assert "ALLOWED_FROM" in answer.body.decode()


@pytest.mark.parametrize("name", [
    "envelope_from", "mail_from", "return_path", "sender", "bounce_address",
    "relay", "smtp_host", "host", "port", "ehlo", "helo"])
def test_the_rest_is_no_field(free, name):
    answer = free.post(MAIL | {name: "evil.example"})
    assert answer.status == 400, answer
    assert [fault["field"] for fault in answer.json["details"]] == [name]


@pytest.mark.parametrize("name", ["Return-Path", "Sender", "return-path",
                                  "From", "Received", "Resent-From"])
def test_nor_a_header(free, name):
    answer = free.post(MAIL | {"headers": {name: "a@evil.example"}})
    assert answer.status == 400, answer


def test_the_envelope_is_the_operators(rig, free):
    """Nothing in the header changes MAIL FROM."""
    job_id = free.post(MAIL | {
        "to": "envelope@b.example", "from": "Evil <shop@x.example.org>",
        "reply_to": "evil@evil.example",
        "headers": {"X-Return-Path": "evil@evil.example"}}).json["job_id"]
    assert free.wait(job_id)["status"] == "completed"
    [mail] = [mail for mail in list(rig.sink.mails)
              if "envelope@b.example" in mail.recipients]
    assert mail.sender == f"bounces+{job_id}@ours.example"
