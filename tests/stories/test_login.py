# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 180
"""Logging in to the relay: the ways, wrong secrets, and what is told of them."""

import base64

import pytest

from authority import Authority
from relayed import Relayed, wait_for
from secure_relay import SecureRelay

NAME = "shop@example.com"
PASSWORD = "tr\u00fcffel \"%41' 7"
TOKEN = "ya29.a0-Token_with~all+of/it=="
SETTINGS = {"RECONNECT_BASE": "20ms", "RECONNECT_CAP": "100ms",
            "SMTP_LOGIN_RETRY": "50ms", "SMTP_USERNAME": NAME,
            "SMTP_PASSWORD": PASSWORD}
BEARER = {"SMTP_PASSWORD": ""}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.certify("relay.pem", "127.0.0.1")


@pytest.fixture(scope="module")
def new_relay(certificate):
    made = []

    def make(*mechanisms, secret=PASSWORD, **how):
        made.append(SecureRelay(certificate, mechanisms=mechanisms,
                                secrets={NAME: secret}, **how))
        return made[-1]

    yield make
    for relay in made:
        relay.stop()


@pytest.fixture(scope="module")
def relayed(new_rig, authority, new_relay):
    rig = new_rig({"SMTP_CA": str(authority.file)})
    rig.env["SMTP_PORT"] = str(new_relay("PLAIN").port)
    rig.worker.env = dict(rig.env)
    relayed = Relayed(rig.start())
    yield relayed
    keeps_secrets(rig, relayed.told)


def keeps_secrets(rig, told):
    """Neither they nor what they become on the wire are told anywhere."""
    told = b"".join(told + [log.read_bytes()
                            for log in (rig.folder / "log").glob("*.log")])
    for secret in (PASSWORD, TOKEN):
        for form in (secret.encode(), base64.b64encode(secret.encode()),
                     base64.b64encode(f"\0{NAME}\0{secret}".encode())):
            assert form not in told


# -- the ways

@pytest.mark.parametrize("offered, way, used", [
    (["PLAIN"], "auto", "PLAIN"),
    (["LOGIN"], "auto", "LOGIN"),
    (["LOGIN", "PLAIN", "CRAM-MD5"], "auto", "PLAIN"),
    (["LOGIN", "PLAIN"], "login", "LOGIN"),
    (["LOGIN", "PLAIN", "XOAUTH2"], "plain", "PLAIN"),
])
def test_password(relayed, new_relay, offered, way, used):
    relay = new_relay(*offered)
    relayed.use(relay, SMTP_AUTH=way)
    mail = relayed.takes(relay, f"{way}-{'-'.join(offered)}@example.com")
    assert mail.tls and mail.login.password.decode() == PASSWORD
    assert relay.logins == [(used, True)]


def test_implicit(relayed, new_relay):
    relay = new_relay("PLAIN", implicit=True)
    relayed.use(relay, SMTP_TLS="implicit")
    assert relayed.takes(relay, "implicit@example.com").login


@pytest.mark.parametrize("offered, way, used", [
    (["XOAUTH2", "PLAIN", "LOGIN"], "auto", "XOAUTH2"),
    (["XOAUTH2", "OAUTHBEARER"], "auto", "OAUTHBEARER"),
    (["XOAUTH2", "OAUTHBEARER"], "xoauth2", "XOAUTH2"),
])
def test_token(relayed, new_relay, tmp_path, offered, way, used):
    relay = new_relay(*offered, secret=TOKEN)
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    relayed.use(relay, SMTP_AUTH=way, **BEARER,
                SMTP_TOKEN_FILE=str(tmp_path / "token"))
    assert relayed.takes(relay, f"{way}-{'-'.join(offered)}@e.com").login
    assert relay.logins == [(used, True)]


# -- refused

def test_wrong_password(relayed, new_relay, tmp_path):
    """It pauses, is told, burns nothing, and a corrected file heals it."""
    relay = new_relay("PLAIN")
    file = tmp_path / "password"
    file.write_text("wrong\n")
    relayed.use(relay, SMTP_PASSWORD="", SMTP_PASSWORD_FILE=str(file))
    relayed.waits(relay, "wrong@example.com",
                  "no login: the relay refuses SMTP_USERNAME with "
                  "SMTP_PASSWORD; it said: 535 5.7.8")
    file.write_text(f"{PASSWORD}\n")
    relayed.all_arrive()
    assert relayed.lines("info", "relay is back")
    assert relayed.health()["status"] == "ok"


def test_one_login_at_a_time(relayed, new_relay):
    """Relays lock an account that is tried often."""
    relay = new_relay("PLAIN", secret="another")
    relayed.use(relay, SMTP_LOGIN_RETRY="1h", SMTP_CONNECTIONS="16")
    relayed.left += [relayed.client.send(f"{i}@example.com") for i in range(8)]
    relayed.waits(relay, "locked@example.com", "refuses SMTP_USERNAME",
                  tries=0)
    assert relay.logins == [("PLAIN", False)]


def test_not_now(relayed, new_relay):
    """454 (RFC 4954 4.7.0) is no wrong password."""
    relay = new_relay("PLAIN", secret="another",
                      denial="454 4.7.0 try again later")
    relayed.use(relay)
    relayed.waits(relay, "later@example.com", "it said: 454 4.7.0",
                  level="warning")


def test_wrong_token(relayed, new_relay, tmp_path):
    """A token that was renewed in its file is taken by itself."""
    relay = new_relay("XOAUTH2", secret=TOKEN)
    file = tmp_path / "token"
    file.write_text("expired\n")
    relayed.use(relay, SMTP_TOKEN_FILE=str(file), **BEARER)
    relayed.waits(relay, "expired@example.com",
                  "refuses SMTP_USERNAME with SMTP_TOKEN")
    file.write_text(f"{TOKEN}\n")
    relayed.all_arrive()


def test_lost_token(relayed, new_relay, tmp_path):
    relay = new_relay("XOAUTH2", secret=TOKEN)
    file = tmp_path / "token"
    file.write_text(TOKEN)
    relayed.use(relay, SMTP_TOKEN_FILE=str(file), SMTP_IDLE="10ms", **BEARER)
    file.unlink()
    relayed.left.append(relayed.client.send("lost@example.com"))
    wait_for(lambda: "SMTP_TOKEN_FILE cannot be read: No such file"
             in relayed.smtp_error(), "told")
    assert len(relayed.lines("error", "SMTP_TOKEN_FILE")) == 1
    assert not relay.logins
    file.write_text(TOKEN)
    relayed.all_arrive()


# -- not offered

def test_no_auth(relayed, new_relay):
    relay = new_relay()
    relayed.use(relay)
    relayed.waits(relay, "none@example.com",
                  "the relay offers no AUTH, and SMTP_USERNAME is set")


def test_no_way_of_ours(relayed, new_relay):
    relay = new_relay("CRAM-MD5")
    relayed.use(relay)
    relayed.waits(relay, "cram@example.com",
                  "the relay offers AUTH CRAM-MD5; SMTP_AUTH and the secret "
                  "ask for PLAIN or LOGIN")


# -- never in clear

@pytest.mark.parametrize("mode, why", [
    ("", "which SMTP_TLS=required needs"),
    ("opportunistic", "without which no login is sent"),
])
def test_no_tls_no_login(relayed, new_relay, mode, why):
    relay = new_relay("PLAIN", "LOGIN", login_in_clear=True,
                      refusal="454 4.7.0 no TLS today")
    relayed.use(relay, SMTP_TLS=mode, SMTP_CA="")
    relayed.waits(relay, "strip@example.com", why)
    assert b"AUTH" not in b"".join(relay.said)


def test_opportunistic(relayed, new_relay):
    relay = new_relay("PLAIN")
    relayed.use(relay, SMTP_TLS="opportunistic", SMTP_CA="")
    mail = relayed.takes(relay, "unchecked@example.com")
    assert mail.tls and mail.login


def test_off_on_this_host(relayed, new_relay):
    relay = new_relay("PLAIN", login_in_clear=True)
    relayed.use(relay, SMTP_TLS="off", SMTP_CA="")
    mail = relayed.takes(relay, "off@example.com")
    assert mail.login and not mail.tls
    assert not relayed.lines("warning", "goes over the network in clear")
    relayed.all_arrive()
