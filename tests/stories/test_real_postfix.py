# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""Debian's Postfix takes our mail, whatever is in it, with TLS or without."""

import os
import smtplib

import pytest

import delivered
from authority import Authority
from postfix import Postfix
from proxy import Proxy
from relayed import Relayed, wait_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="Postfix needs root")
NAME, PASSWORD = "shop", "correct horse"
SETTINGS = {"RECONNECT_BASE": "20ms", "RECONNECT_CAP": "100ms",
            "SMTP_CONNECTIONS": "1", "SMTP_TLS": "off"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def postfix(authority, tmp_path_factory):
    postfix = Postfix(tmp_path_factory.mktemp("postfix"),
                      authority.certify("relay.pem", "127.0.0.1"),
                      login=(NAME, PASSWORD))
    try:
        yield postfix.start()
    finally:
        postfix.stop()


@pytest.fixture(scope="module")
def proxy(postfix):
    proxy = Proxy(postfix.port, keeps=True)
    yield proxy
    proxy.stop()


@pytest.fixture(scope="module")
def rig(new_rig, proxy):
    return new_rig({"SMTP_PORT": str(proxy.port)}).start()


def test_bodies(client, proxy, postfix):
    delivered.all_arrive(client, proxy, postfix.mailbox, delivered.BODIES)


def test_nothing_is_smuggled(client, proxy, postfix):
    delivered.all_arrive(client, proxy, postfix.mailbox, {
        repr(end): f"before{end}{delivered.SMUGGLED}{delivered.LAST}"
        for end in delivered.ENDS})
    assert "victim@" not in postfix.mail_log()
    assert not delivered.files(postfix.mailbox)


def test_what_smuggling_is(postfix):
    """Said as it stands, the payload is a mail of its own to this server."""
    with smtplib.SMTP("127.0.0.1", postfix.port) as peer:
        peer.ehlo()
        peer.mail("outer@example.org")
        peer.rcpt("reader@example.com")
        peer.docmd("DATA")
        peer.send(f"Message-ID: <outer@x>\r\n\r\nbefore\n.\r\n"
                  f"{delivered.SMUGGLED}".replace(
                      "Subject:", "Message-ID: <inner@x>\r\nSubject:"))
        replies = [peer.getreply()[0] for _ in range(5)]
    assert replies == [250, 250, 250, 354, 250]
    assert delivered.stored(postfix.mailbox, 2).keys() == {"outer", "inner"}


def test_refused_recipient(client, proxy, postfix):
    """5xx to one of two; the other one has his mail."""
    job = client.wait(client.send(["reader@example.com", "x@elsewhere.org"]))
    assert job["status"] == "completed", job
    assert {one["address"]: one["state"] for one in job["recipients"]} == {
        "reader@example.com": "taken", "x@elsewhere.org": "refused"}
    assert delivered.stored(postfix.mailbox, 1).keys() == {job["job_id"]}


def test_tls(rig, client, postfix, authority):
    relayed = Relayed(rig)
    relayed.use(postfix, SMTP_TLS="required", SMTP_CA=str(authority.file))
    job_id = client.send("reader@example.com")
    assert client.wait(job_id, "completed")["attempts"] == 1
    [content] = delivered.stored(postfix.mailbox, 1).values()
    assert "with ESMTPS id" in content.decode(), postfix.mail_log()
    # All of Postfix's that speaks TLS 1.1 only, and says so by an alert.
    relayed.use(postfix, SMTP_TLS="required", SMTP_CA=str(authority.file),
                SMTP_PORT=str(postfix.old_port))
    job_id = client.send("reader@example.com")
    wait_for(lambda: "the relay speaks no TLS 1.2 or newer"
             in relayed.smtp_error(), "told")
    job = client.job(job_id)
    assert (job["status"], job["attempts"]) == ("queued", 0)
    assert len(relayed.lines("error", "TLS 1.2")) == 1
    # Opportunistic goes on without.
    relayed.use(postfix, SMTP_TLS="opportunistic",
                SMTP_PORT=str(postfix.old_port))
    assert client.wait(job_id, "completed")["attempts"] == 1
    [content] = delivered.stored(postfix.mailbox, 1).values()
    assert "with ESMTP id" in content.decode()


def test_login(rig, client, postfix, authority, tmp_path):
    file = tmp_path / "password"
    file.write_text("wrong")
    relayed = Relayed(rig)
    relayed.use(postfix, SMTP_TLS="", SMTP_CA=str(authority.file),
                SMTP_USERNAME=NAME, SMTP_PASSWORD_FILE=str(file),
                SMTP_LOGIN_RETRY="50ms")
    job_id = client.send("reader@example.com")
    wait_for(lambda: "refuses SMTP_USERNAME with SMTP_PASSWORD; it said: 535"
             in relayed.smtp_error(), "told")
    job = client.job(job_id)
    assert (job["status"], job["attempts"]) == ("queued", 0)
    file.write_text(PASSWORD)
    assert client.wait(job_id, "completed")["attempts"] == 1
    [content] = delivered.stored(postfix.mailbox, 1).values()
    assert "with ESMTPSA id" in content.decode()
