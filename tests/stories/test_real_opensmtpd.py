# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""Debian's OpenSMTPD takes our mail, whatever is in it."""

import os

import pytest

import delivered
from opensmtpd import OpenSmtpd
from proxy import Proxy

pytestmark = pytest.mark.skipif(os.geteuid() != 0,
                                reason="OpenSMTPD needs root")
SETTINGS = {"RECONNECT_BASE": "20ms", "RECONNECT_CAP": "100ms",
            "SMTP_CONNECTIONS": "1", "SMTP_TLS": "off"}


@pytest.fixture(scope="module")
def opensmtpd(tmp_path_factory):
    opensmtpd = OpenSmtpd(tmp_path_factory.mktemp("opensmtpd"))
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
    delivered.all_arrive(client, proxy, opensmtpd.mailbox, delivered.BODIES)


def test_nothing_is_smuggled(client, proxy, opensmtpd):
    delivered.all_arrive(client, proxy, opensmtpd.mailbox, {
        repr(end): f"before{end}{delivered.SMUGGLED}{delivered.LAST}"
        for end in delivered.ENDS})
    assert "victim@" not in opensmtpd.log.read_text()
    assert not delivered.files(opensmtpd.mailbox)

