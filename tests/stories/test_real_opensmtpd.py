# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""Debian's OpenSMTPD takes our mail, whatever is in it, with a login."""

import os

import pytest

import mailbox
from authority import Authority, rsa_key
from opensmtpd import OpenSmtpd
from proxy import Proxy
from relayed import Relayed, wait_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0,
                                reason="OpenSMTPD needs root")
NAME, PASSWORD = "shop", "correct horse"
SETTINGS = {"RECONNECT_BASE": "20ms", "RECONNECT_CAP": "100ms",
            "SMTP_CONNECTIONS": "1", "SMTP_TLS": "off"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def opensmtpd(authority, tmp_path_factory):
    opensmtpd = OpenSmtpd(tmp_path_factory.mktemp("opensmtpd"),
                          authority.certify("relay.pem", "127.0.0.1",
                                            key=rsa_key()), NAME, PASSWORD)
    try:
        yield opensmtpd.start()
    finally:
        opensmtpd.stop()


@pytest.fixture(scope="module")
def proxy(opensmtpd):
    proxy = Proxy(opensmtpd.port, keeps=True)
    yield proxy
    proxy.stop()


@pytest.fixture(scope="module")
def rig(new_rig, proxy):
    return new_rig({"SMTP_PORT": str(proxy.port)}).start()


def test_bodies(client, proxy, opensmtpd):
    mailbox.all_arrive(client, proxy, opensmtpd.mailbox, mailbox.BODIES)


def test_nothing_is_smuggled(client, proxy, opensmtpd):
    mailbox.all_arrive(client, proxy, opensmtpd.mailbox, {
        repr(end): f"before{end}{mailbox.SMUGGLED}{mailbox.LAST}"
        for end in mailbox.ENDS})
    assert "victim@" not in opensmtpd.log.read_text()
    assert not mailbox.files(opensmtpd.mailbox)


def test_login(rig, client, opensmtpd, authority, tmp_path):
    file = tmp_path / "password"
    file.write_text("wrong")
    relayed = Relayed(rig)
    relayed.use(opensmtpd, SMTP_PORT=str(opensmtpd.login_port), SMTP_TLS="",
                SMTP_CA=str(authority.file), SMTP_USERNAME=NAME,
                SMTP_PASSWORD_FILE=str(file), SMTP_LOGIN_RETRY="50ms")
    job_id = client.send("reader@example.com")
    wait_for(lambda: "refuses SMTP_USERNAME with SMTP_PASSWORD; it said: 535"
             in relayed.smtp_error(), relayed.smtp_error)
    job = client.job(job_id)
    assert (job["status"], job["attempts"]) == ("queued", 0)
    file.write_text(PASSWORD)
    assert client.wait(job_id, "completed")["attempts"] == 1
    [content] = mailbox.stored(opensmtpd.mailbox, 1).values()
    assert b"with ESMTPSA" in content or b"auth=yes" in content, content
