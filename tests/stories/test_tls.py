# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""Each value of SMTP_TLS towards relays whose TLS is good, bad or missing."""

import re
import ssl
import subprocess

import pytest

from authority import Authority
from relayed import Relayed
from secure_relay import SecureRelay

SETTINGS = {"RECONNECT_BASE": "20ms", "RECONNECT_CAP": "100ms",
            "SMTP_CONNECTIONS": "2"}
NO_CA = "not issued by a CA that SMTP_CA trusts"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def relays(authority, tmp_path_factory):
    """Relays by what is wrong with them; `tls-` speak TLS at once."""
    stranger = Authority(tmp_path_factory.mktemp("other"), "Other CA")
    certificates = {
        "good": authority.certify("good.pem", "localhost", "127.0.0.1"),
        "name": authority.certify("name.pem", "other.example"),
        "expired": authority.certify("expired.pem", "127.0.0.1", first=-9,
                                     last=-1),
        "early": authority.certify("early.pem", "127.0.0.1", first=9),
        "stranger": stranger.certify("stranger.pem", "127.0.0.1"),
        "self": authority.certify("self.pem", "127.0.0.1", self_signed=True),
    }
    good = certificates["good"]
    made = {name: SecureRelay(path) for name, path in certificates.items()}
    made |= {f"tls-{name}": SecureRelay(path, implicit=True)
             for name, path in certificates.items()}
    made |= {
        "none": SecureRelay(),
        "refused": SecureRelay(good, refusal="454 4.7.0 TLS is out"),
        "never": SecureRelay(good, refusal="502 5.5.1 no such command"),
        "old": SecureRelay(good, newest=ssl.TLSVersion.TLSv1_1),
        "tls-old": SecureRelay(good, newest=ssl.TLSVersion.TLSv1_1,
                               implicit=True),
    }
    made["self"].certificate = certificates["self"]
    yield made
    for relay in made.values():
        relay.stop()


@pytest.fixture(scope="module")
def relayed(rig):
    return Relayed(rig)


def modes(relayed, relays, authority, name, mode):
    relayed.use(relays[name], SMTP_TLS=mode, SMTP_CA=str(authority.file))
    return relays[name], f"{mode}-{name}@example.com"


# -- required

@pytest.mark.parametrize("name, why", [
    ("none", "the relay does not offer STARTTLS, which SMTP_TLS=required"),
    ("refused", "refuses STARTTLS, which SMTP_TLS=required needs; it said: "
                "454 4.7.0 TLS is out"),
    ("never", "refuses STARTTLS, which SMTP_TLS=required needs; it said: 502"),
    ("name", "its certificate is for DNS:other.example, not for SMTP_HOST "
             "127.0.0.1"),
    ("expired", "its certificate has expired"),
    ("early", "its certificate is not valid yet"),
    ("stranger", NO_CA),
    ("self", "its certificate is self-signed: give it as SMTP_CA"),
])
def test_required(relayed, relays, authority, name, why):
    relay, to = modes(relayed, relays, authority, name, "required")
    relayed.waits(relay, to, why)
    assert not re.search(rb"MAIL|RCPT", b"".join(relay.said))


@pytest.mark.parametrize("mode, name", [("required", "old"),
                                        ("implicit", "tls-old")])
def test_lost_in_the_handshake(relayed, relays, authority, mode, name):
    """asyncio hangs up without an alert; test_real_postfix.py has one."""
    relay, to = modes(relayed, relays, authority, name, mode)
    relayed.waits(relay, to, "the relay ended the connection during the "
                  "handshake", level="warning")


def test_required_and_good(relayed, relays, authority):
    relay, to = modes(relayed, relays, authority, "good", "required")
    assert relayed.takes(relay, to).tls[1] in ("TLSv1.2", "TLSv1.3")
    relayed.all_arrive()


def test_required_by_name(relayed, relays, authority):
    relay = relays["good"]
    relayed.use(relay, SMTP_TLS="required", SMTP_CA=str(authority.file),
                SMTP_HOST="localhost")
    assert relayed.takes(relay, "by-name@example.com").tls


def test_only_that_ca_is_trusted(relayed, relays):
    """Without SMTP_CA the system's count, and ours is none of them."""
    relayed.use(relays["good"], SMTP_TLS="required")
    relayed.waits(relays["good"], "system@example.com",
                  "not issued by a CA that this host trusts: give its CA as "
                  "SMTP_CA")


def test_self_signed_as_ca(relayed, relays):
    relay = relays["self"]
    relayed.use(relay, SMTP_TLS="required", SMTP_CA=str(relay.certificate))
    assert relayed.takes(relay, "pinned@example.com").tls
    relayed.all_arrive()


def test_ca_folder(relayed, relays, authority, tmp_path):
    digest = subprocess.run(
        ["openssl", "x509", "-noout", "-hash", "-in", authority.file],
        check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / f"{digest}.0").symlink_to(authority.file)
    relayed.use(relays["good"], SMTP_TLS="required", SMTP_CA=str(tmp_path))
    assert relayed.takes(relays["good"], "folder@example.com").tls


# -- implicit

@pytest.mark.parametrize("name, why", [
    ("none", "does not speak TLS from the first byte, as SMTP_TLS=implicit"),
    ("tls-name", "its certificate is for DNS:other.example, not for"),
    ("tls-expired", "its certificate has expired"),
    ("tls-early", "its certificate is not valid yet"),
    ("tls-stranger", NO_CA),
    ("tls-self", "its certificate is self-signed"),
])
def test_implicit(relayed, relays, authority, name, why):
    relay, to = modes(relayed, relays, authority, name, "implicit")
    relayed.waits(relay, to, why)


def test_implicit_and_good(relayed, relays, authority):
    relay, to = modes(relayed, relays, authority, "tls-good", "implicit")
    assert relayed.takes(relay, to).tls
    relayed.all_arrive()


# -- opportunistic

@pytest.mark.parametrize("name", ["good", "name", "expired", "early",
                                  "stranger", "self"])
def test_opportunistic(relayed, relays, name):
    relayed.use(relays[name], SMTP_TLS="opportunistic")
    assert relayed.takes(relays[name], f"try-{name}@example.com").tls
    assert not relayed.lines("warning", "no TLS with the relay")


def test_opportunistic_is_the_default(relayed, relays):
    relayed.use(relays["self"])
    assert relayed.takes(relays["self"], "default@example.com").tls


def test_opportunistic_without_offer(relayed, relays):
    relayed.use(relays["none"], SMTP_TLS="opportunistic")
    assert not relayed.takes(relays["none"], "no-offer@example.com").tls
    assert not relayed.lines("warning", "no TLS with the relay")


@pytest.mark.parametrize("name, why", [
    ("refused", "454 4.7.0 TLS is out"),
    ("never", "502 5.5.1 no such command"),
    ("old", "no TLS: "),
])
def test_opportunistic_in_clear(relayed, relays, name, why):
    """Told once, and not tried again for SMTP_TLS_RETRY."""
    relay = relays[name]
    relayed.use(relay, SMTP_TLS="opportunistic", SMTP_IDLE="10ms",
                SMTP_CONNECTIONS="1")
    del relay.said[:]
    for i in range(3):
        assert not relayed.takes(relay, f"clear-{name}-{i}@example.com").tls
    [told] = relayed.lines("warning", "no TLS with the relay")
    assert why in told, told
    assert b"".join(relay.said).count(b"STARTTLS") == 1


def test_opportunistic_tries_again(relayed, relays):
    relay = relays["refused"]
    relayed.use(relay, SMTP_TLS="opportunistic", SMTP_TLS_RETRY="10ms",
                SMTP_MAILS_PER_CONNECTION="1")
    del relay.said[:]
    for i in range(3):
        assert not relayed.takes(relay, f"again-{i}@example.com").tls
    assert b"".join(relay.said).count(b"STARTTLS") > 1


# -- off

def test_off(relayed, relays):
    relayed.use(relays["good"], SMTP_TLS="off")
    assert not relayed.takes(relays["good"], "off@example.com").tls
