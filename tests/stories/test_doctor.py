# SPDX-License-Identifier: MIT
"""postrider doctor: what is wrong is found, and what to do is said."""

import base64

import pytest

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from command import Command
from resolver import Resolver
from stack import ports

DONE, REFUSED = 0, 1
FROM = "example.com"


def new_key(folder, name):
    """Its private half in the folder, its public one as the DNS has it."""
    key = rsa.generate_private_key(65537, 2048)
    path = folder / name
    path.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    path.chmod(0o600)
    return base64.b64encode(key.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)).decode()


def txt(name, text):
    """A TXT record's strings have 255 bytes at most."""
    return "txt-record=" + ",".join(
        [name] + [f'"{text[at:at + 255]}"' for at in range(0, len(text), 255)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def resolver(folder, tmp_path_factory):
    public = new_key(folder, f"{FROM}.s1.pem")
    resolver = Resolver(tmp_path_factory.mktemp("dns"), [
        txt(FROM, "google-site-verification=x"), txt(FROM, "v=spf1 mx -all"),
        txt(f"_dmarc.{FROM}", "v=DMARC1; p=reject"),
        txt(f"s1._domainkey.{FROM}", f"v=DKIM1; k=rsa; p={public}"),
        "ptr-record=1.0.0.127.in-addr.arpa,localhost",
        "local=/example.com/", "local=/example.org/"], dies_with_us=True)
    yield resolver.start()
    resolver.stop()


@pytest.fixture
def doctor(rig, resolver, folder):
    postrider = Command({
        "POSTRIDER_URL": rig.lighttpd.url, "REDIS_URL": rig.redis.url,
        "PORT": str(rig.worker.port), "SMTP_FROM": f"Us <us@{FROM}>",
        "SMTP_EHLO": "localhost", "DKIM_KEYS": str(folder)})

    def look(env=None, *words):
        said = postrider("--json", "doctor", "--resolver", resolver.address,
                         *words, env=env)
        return said.status, {(line["result"], line["subject"]):
                             line["message"] for line in said.jsons}
    return look


def of(found, result):
    return {subject: message for (word, subject), message in found.items()
            if word == result}


def test_all_is_well(doctor):
    status, found = doctor()
    assert status == DONE, found
    assert of(found, "failed") == {}
    assert of(found, "ok").keys() >= {
        "api", "worker", "accept", "redis", "clock", "spf", "dmarc", "dkim",
        "ptr"}
    assert of(found, "ok")["spf"] == "example.com: v=spf1 mx -all"


def test_for_a_person(rig, resolver, folder):
    said = Command({"POSTRIDER_URL": rig.lighttpd.url, "SMTP_FROM": "a@b.test",
                    "REDIS_URL": rig.redis.url, "PORT": str(rig.worker.port)}
                   )("doctor", "--resolver", resolver.address)
    assert said.status == DONE, said
    assert said.lines[0].startswith("ok       api        version ")
    assert said.lines[-1].startswith("0 failed, ")


def test_records_that_are_missing(doctor):
    status, found = doctor({"SMTP_FROM": "us@example.org"})
    assert status == DONE  # mail flows, and is filed as junk
    assert of(found, "warning").keys() >= {"spf", "dmarc", "dkim"}
    assert "v=spf1" in of(found, "warning")["spf"]
    assert "example.org" in of(found, "warning")["dkim"]


def test_a_key_that_the_dns_does_not_have(doctor, folder):
    public = new_key(folder, "example.org.s2.pem")
    try:
        status, found = doctor()
    finally:
        (folder / "example.org.s2.pem").unlink()
    assert status == REFUSED
    assert of(found, "failed")["dkim"] == (
        "s2._domainkey.example.org is not there: its TXT record must be "
        f"v=DKIM1; k=rsa; p={public}")


def test_a_key_that_others_can_read(doctor, folder):
    new_key(folder, "example.org.s2.pem")
    (folder / "example.org.s2.pem").chmod(0o644)
    try:
        _, found = doctor()
    finally:
        (folder / "example.org.s2.pem").unlink()
    assert "example.org.s2.pem" in of(found, "warning")["dkim"]


def test_a_dns_that_is_silent(doctor):
    _, found = doctor(None, "--resolver", f"127.0.0.1:{ports.free()}")
    assert of(found, "warning")["spf"] == (
        "the DNS does not answer about example.com")


def test_a_worker_that_is_down(doctor):
    status, found = doctor({"PORT": str(ports.free())})
    assert status == REFUSED
    assert "is it running?" in of(found, "failed")["worker"]


def test_a_redis_that_may_lose_mail(doctor, rig):
    rig.store().config_set("appendfsync", "everysec")
    try:
        status, found = doctor()
    finally:
        rig.store().config_set("appendfsync", "always")
    assert status == DONE
    assert "appendfsync always" in of(found, "warning")["redis"]


def test_nothing_runs(doctor):
    nowhere = f"127.0.0.1:{ports.free()}"
    status, found = doctor({"POSTRIDER_URL": f"http://{nowhere}",
                            "REDIS_URL": f"redis://{nowhere}"})
    assert status == REFUSED
    assert of(found, "failed").keys() >= {"api", "accept", "redis"}
