# SPDX-License-Identifier: MIT
"""Mail from and to addresses that are not ASCII (RFC 6531, RFC 6532)."""

from email import message_from_string, policy

import pytest
from aiosmtpd.controller import Controller
from stack import ports

JURGEN, ADA = "jürgen@example.com", "ada@example.com"
WITHOUT = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")


def one_mail(sink, to):
    [mail] = [mail for mail in sink.seen if to in mail.recipients]
    return mail


def mailboxes(mail, field):
    message = message_from_string(mail.data.decode(), policy=policy.SMTPUTF8)
    return [box.addr_spec for box in message[field].addresses]


def test_to_such_an_address(rig, client):
    job = client.wait(client.send([JURGEN, ADA]), "completed")
    assert [(one["address"], one["state"]) for one in job["recipients"]] == [
        (JURGEN, "taken"), (ADA, "taken")]
    mail = one_mail(rig.sink, JURGEN)
    assert mail.parameters.split() == ["SMTPUTF8", "BODY=8BITMIME",
                                       f"SIZE={len(mail.data)}"]
    assert mail.recipients == [JURGEN, ADA]
    # As it is in the header, too: not as an encoded word.
    assert f"To: {JURGEN}, {ADA}\r\n".encode() in mail.data
    assert mailboxes(mail, "To") == [JURGEN, ADA]


def test_from_such_an_address(rig, client):
    client.wait(client.send("bob@example.com",
                            **{"from": f"Jürgen <{JURGEN}>"}), "completed")
    mail = one_mail(rig.sink, "bob@example.com")
    assert (mail.sender, mailboxes(mail, "From")) == (JURGEN, [JURGEN])
    assert mail.parameters.startswith("SMTPUTF8")


def test_other_mail_is_said_as_ever(rig, client):
    """A name and a domain that are not ASCII need no SMTPUTF8."""
    client.wait(client.send("eve@münchen.example",
                            **{"from": f"Jürgen <{ADA}>"}), "completed")
    mail = one_mail(rig.sink, "eve@xn--mnchen-3ya.example")
    assert mail.parameters == f"SIZE={len(mail.data)}"
    assert mail.data.isascii()


class Box:
    """aiosmtpd's handler."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        return "250 2.0.0 kept"


def test_a_server_that_is_not_ours(new_rig):
    box = Box()
    server = Controller(box, hostname="127.0.0.1", port=ports.free(),
                        enable_SMTPUTF8=True)
    server.start()
    try:
        rig = new_rig({"SMTP_PORT": str(server.port)}).start()
        rig.client.wait(rig.client.send([JURGEN, ADA]), "completed")
    finally:
        server.stop()
    [mail] = box.mails
    assert mail.smtp_utf8 and mail.rcpt_tos == [JURGEN, ADA]
    assert "BODY=8BITMIME" in mail.mail_options
    assert f"To: {JURGEN}, {ADA}\r\n".encode() in mail.content


@pytest.mark.parametrize("extensions", [WITHOUT, ("8BITMIME",)])
def test_a_relay_without_smtputf8(new_rig, extensions):
    """None of the mail is sent, and it says why; other mail is not held up."""
    rig = new_rig({"SMTP_CONNECTIONS": "1"})
    rig.sink.extensions = extensions
    client = rig.start().client
    ids = [client.send(to) for to in ([ADA, JURGEN], "bob@example.com")]
    job = client.wait(ids[0], "failed")
    assert (job["reason"], job["attempts"]) == ("smtputf8_not_offered", 1), job
    assert "does not offer SMTPUTF8" in job["last_error"]
    assert [one["state"] for one in job["recipients"]] == ["refused"] * 2
    client.wait(ids[1], "completed")
    [mail] = rig.sink.seen
    assert mail.recipients == ["bob@example.com"]
