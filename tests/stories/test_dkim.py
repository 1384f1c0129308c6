# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""
DKIM signatures, as implementations that are not ours verify them (python3-dkim,
npm's mailauth): on the wire, and after the way through a real Postfix.
"""

import os
import re
import signal
import subprocess

import pytest

import delivered
from postfix import Postfix
from proxy import Proxy
from relayed import Relayed, wait_for
from rig import WORKER
from zone import Zone


@pytest.fixture(scope="module")
def zone(tmp_path_factory):
    zone = Zone(tmp_path_factory.mktemp("keys"))
    zone.add("example.com", "s1")
    return zone


@pytest.fixture(scope="module")
def rig(new_rig, zone):
    return new_rig({"DKIM_KEYS": str(zone.folder)}).start()


def tags(content):
    value = delivered.parse(content)["DKIM-Signature"]
    return dict(re.findall(r"(\w+)=([^;]*)", re.sub(r"\s", "", value or "")))


def sent(rig, sender):
    """The message of a new mail, as the sink has it."""
    job_id = rig.client.send(**{"from": sender})
    rig.client.wait(job_id, "completed")
    [content] = [mail.data for mail in rig.sink.mails
                 if delivered.job_of(mail.data) == job_id]
    return content


@pytest.mark.parametrize("sender, domain", [
    ("Ann <ann@example.com>", "example.com"),
    ("ann@news.example.com", "example.com"),
    ("Jörg Ünlü <jörg@example.com>", "example.com"),
    ("ann@example.org", None),
])
def test_key_of_the_from_domain(rig, zone, sender, domain):
    content = sent(rig, sender)
    assert tags(content).get("d") == domain
    assert zone.verifies(content) == bool(domain)


def test_what_is_covered(rig, zone):
    content = sent(rig, "ann@example.com")
    assert zone.verifies(content)
    for change in ((b"Subject: A story", b"Subject: Another"),
                   (b"\r\n\r\nHello", b"\r\n\r\nHullo"),
                   (b"From: ", b"From: eve@example.com\r\nFrom: "),
                   (b"Date: ", b"Date: Mon, ")):
        assert content.count(change[0]) == 1
        assert not zone.verifies(content.replace(*change))
    # What relays do on the way does not break it.
    assert zone.verifies(b"Received: from a by b; today\r\n" + content)
    assert zone.verifies(content + b"\r\n\r\n")


def test_mailauth(rig, zone, tmp_path):
    signed = sent(rig, "Jörg Ünlü <jörg@news.example.com>")
    bad = signed.replace(b"\r\n\r\nHello", b"\r\n\r\nHullo")
    forged = b"From: eve@example.com\r\n" + signed
    [good], [changed], [added], none = zone.mailauth(
        [signed, bad, forged, sent(rig, "ann@example.org")], tmp_path)
    assert none == []
    assert good == {
        "result": "pass", "why": None, "aligned": True, "whole": True,
        "domain": "example.com", "algorithm": "rsa-sha256", "bits": 2048,
        "covered": good["covered"]}
    assert {"from", "to", "subject", "date", "message-id"} <= {*good["covered"]}
    assert changed["why"] == "body hash did not verify"
    assert added["why"] == "bad signature"


def test_keys_are_read_again(rig, zone):
    worker, path = rig.worker, zone.folder / "example.com.s1.pem"

    def hang_up(words):
        start = worker.log.stat().st_size
        os.kill(worker.pid, signal.SIGHUP)
        wait_for(lambda: words in worker.log.read_text()[start:], words)

    new = zone.add("example.com", "s2", mode=0o644)
    path.unlink()
    hang_up("may be read or changed by others")
    assert tags(sent(rig, "ann@example.com"))["s"] == "s1"
    new.chmod(0o640)
    hang_up("DKIM keys were read again")
    content = sent(rig, "ann@example.com")
    assert tags(content)["s"] == "s2" and zone.verifies(content)


def test_mail_that_nobody_signs(rig):
    """It is warned of once the workers' domains are known; or refused."""
    mail = {"to": "a@example.com", "subject": "s", "text": "t"}

    def warned(sender):
        answer = rig.client.post(mail | {"from": sender})
        assert answer.status == 201, answer
        return [one["field"] for one in answer.json.get("warnings", [])]

    wait_for(lambda: warned("a@example.org") == ["from"], "a warning")
    assert not warned("a@news.example.com") and not warned("a@example.com")
    answer = rig.client.post(mail | {"from": "a@example.org", "strict": True})
    assert answer.status == 400
    [fault] = answer.json["details"]
    assert fault["field"] == "from" and "without a DKIM key" in fault["message"]
    assert rig.client.post(mail | {"strict": True}).status == 201


def test_default_from_without_a_key(rig):
    worker = rig.new_worker("other", SMTP_FROM="postrider@example.net")
    worker.start()
    worker.stop()
    assert "the domain of SMTP_FROM has no DKIM key" in worker.log.read_text()


def test_bad_key_is_a_wrong_setting(tmp_path):
    (tmp_path / "example.com.s1.pem").write_text("no key")
    (tmp_path / "example.com.s1.pem").chmod(0o600)
    for arguments in (["-t"], []):
        ended = subprocess.run(
            [WORKER, *arguments], env={"DKIM_KEYS": str(tmp_path)},
            capture_output=True, text=True, timeout=60)
        assert ended.returncode == 1
        assert ended.stderr == (
            f"postrider-worker: DKIM_KEYS: '{tmp_path}/example.com.s1.pem' has "
            "no private key in it (PEM, without a passphrase)\n")


@pytest.fixture(scope="module")
def transported(rig, tmp_path_factory):
    """What a Postfix stored of mails of all kinds."""
    if os.geteuid() != 0:
        pytest.skip("Postfix needs root")
    postfix = Postfix(tmp_path_factory.mktemp("postfix"))
    proxy = None
    try:
        proxy = Proxy(postfix.start().port, keeps=True)
        Relayed(rig).use(proxy, SMTP_CONNECTIONS="1")
        found = delivered.all_arrive(rig.client, proxy, postfix.mailbox,
                                     delivered.BODIES)
    finally:
        if proxy:
            proxy.stop()
        postfix.stop()
    assert len(found) == len(delivered.BODIES)
    return [*found.values()]


def test_through_postfix(zone, transported):
    assert all(zone.verifies(content) for content in transported)


def test_through_postfix_mailauth(zone, transported, tmp_path):
    assert [[signature["result"] for signature in signatures]
            for signatures in zone.mailauth(transported, tmp_path)] == (
        [["pass"]] * len(transported))
