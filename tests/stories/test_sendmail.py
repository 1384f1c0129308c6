# SPDX-License-Identifier: MIT
"""Programs that call sendmail, with postrider-sendmail in its place."""

import email
import email.policy
import os
import subprocess

import pytest
from keys import Keys
from rig import BUILD, SANITIZER
from stack import ports

SETTINGS = {"AUTH": "required"}
PROGRAM = BUILD / "sendmail" / "postrider-sendmail"
OK, USAGE, DATAERR, TEMPFAIL, NOPERM = 0, 64, 65, 75, 77  # sysexits.h
PLAIN = "From: Ann <ann@example.com>\nTo: bob@example.com\nSubject: Hello\n\n"
# As Python, mutt and others write one.
RICH = """\
From: =?utf-8?q?Zo=C3=AB?= <zoe@example.com>
To: Bob <bob@example.com>, carl@example.com
Cc: dora@example.com
Bcc: eve@example.com
Reply-To: answers@example.com
Subject: =?utf-8?b?R3LDvMOfZQ==?=
Message-ID: <one@example.com>
Date: Tue, 24 Nov 2026 12:00:00 +0000
In-Reply-To: <zero@example.com>
X-Two: 1
X-Two: 2
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="a"

--a
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe
--b
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<p>Grüße <img src="cid:logo"></p>
--b--
--a
Content-Type: image/png; name="logo.png"
Content-Disposition: inline; filename="logo.png"
Content-ID: <logo>
Content-Transfer-Encoding: base64

AAECAw==
--a
Content-Type: text/plain
Content-Disposition: attachment; filename="notes.txt"

Notes
--a--
"""
SIGNED = PLAIN.replace("\n\n", """
MIME-Version: 1.0
Content-Type: multipart/signed; boundary=s; protocol="application/pgp-signature"

--s
Content-Type: text/plain

Hello
--s
Content-Type: application/pgp-signature

x
--s--
""")


@pytest.fixture(scope="module")
def env(rig):
    rig.client.key = Keys(rig).add("send,read")
    return {name: value for name, value in os.environ.items()
            if name in ("PATH", "LANG") or name.endswith("SAN_OPTIONS")} | {
        "POSTRIDER_URL": rig.lighttpd.url,
        "POSTRIDER_API_KEY": rig.client.key}


class Sendmail:
    """sendmail(text, *arguments, status): what was told on stderr."""

    def __init__(self, rig, env):
        self.rig, self.env = rig, env

    def __call__(self, text, *args, status=OK, **env):
        done = subprocess.run(
            [PROGRAM, *args], input=text.encode(), env=self.env | env,
            capture_output=True, timeout=60)
        told = done.stderr.decode()
        assert not SANITIZER.search(told), told
        assert (done.returncode, done.stdout) == (status, b""), told
        return told

    def mail(self, text, *args):
        """The mail as it came to the sink: envelope, message, what was told."""
        told = self(text, "-v", *args)
        *told, job_id = told.replace("postrider-sendmail: ", "").splitlines()
        return *self.arrived(job_id), told

    def arrived(self, job_id):
        assert self.rig.client.wait(job_id)["status"] == "completed"
        [mail] = [mail for mail in self.rig.sink.wait(1)
                  if f"<{job_id}@".encode() in mail.data]
        return sorted(mail.recipients), email.message_from_bytes(
            mail.data, policy=email.policy.default)


@pytest.fixture
def sendmail(rig, env):
    return Sendmail(rig, env)


def ids(client):
    return [job["id"] for job in client.history(limit=500)["jobs"]]


def body(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_a_plain_mail(sendmail):
    recipients, message, told = sendmail.mail(PLAIN + "One\n.\nTwo\n", "-t", "-i")
    assert recipients == ["bob@example.com"]
    assert message["From"] == "Ann <ann@example.com>"
    assert message["Subject"] == "Hello"
    assert body(message) == "One\n.\nTwo\n"
    assert told == []


def test_a_dot_alone_ends_it(sendmail):
    assert body(sendmail.mail(PLAIN + "One\n.\nTwo\n", "-t")[1]) == "One\n"
    assert body(sendmail.mail(PLAIN + ".One\n", "-t")[1]) == ".One\n"


def test_a_rich_mail(sendmail):
    recipients, message, told = sendmail.mail(RICH, "-t", "-oi")
    assert recipients == [f"{name}@example.com"
                          for name in ("bob", "carl", "dora", "eve")]
    assert message["From"] == "Zoë <zoe@example.com>"
    assert message["To"] == "Bob <bob@example.com>, carl@example.com"
    assert (message["Cc"], message["Bcc"]) == ("dora@example.com", None)
    assert message["Reply-To"] == "answers@example.com"
    assert message["Subject"] == "Grüße"
    assert message["In-Reply-To"] == "<zero@example.com>"
    assert message["X-Two"] == "1"
    assert body(message) == "Grüße\n"
    assert message.get_body(("html",)).get_content().startswith("<p>Grüße <img")
    files = {part.get_filename(): part for part in message.walk()
             if part.get_filename()}
    assert files["logo.png"].get_payload(decode=True) == b"\0\1\2\3"
    assert files["logo.png"]["Content-ID"] == "<logo>"
    assert files["logo.png"].get_content_type() == "image/png"
    assert files["notes.txt"].get_payload(decode=True).strip() == b"Notes"
    assert told == ["header X-Two is there more than once: left out"]


def test_recipients_of_the_command_line(sendmail):
    """They are who gets it, whatever the header says."""
    recipients, message, told = sendmail.mail(
        PLAIN + "Hello\n", "-oem", "-oi", "-f", "ann@example.com", "--",
        "bob@example.com", "list-member@example.com")
    assert recipients == ["bob@example.com", "list-member@example.com"]
    assert message["To"] == "bob@example.com" and told == []
    recipients, message, told = sendmail.mail(
        PLAIN + "Hello\n", "-fbounces@example.com", "carl@example.com")
    assert recipients == ["carl@example.com"]
    assert message["To"] == "carl@example.com"
    assert told == [
        "the header names bob@example.com, who is no recipient: left out",
        "the envelope's sender is the operator's or that of From: not "
        "bounces@example.com"]


def test_options_of_others(sendmail):
    """What cron, mutt, git send-email and s-nail pass does no harm."""
    for options in (["-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f",
                     "ann@example.com"],
                    ["-i", "-m", "-oMrSMTP", "-t"],
                    ["-N", "delay,failure", "-R", "hdrs", "-V", "x", "-B",
                     "8BITMIME", "-bm", "-G", "-U", "-O", "a=b", "-em", "-t"]):
        recipients, _, _ = sendmail.mail(PLAIN + "Hello\n", *options)
        assert recipients == ["bob@example.com"]
    assert sendmail("", "-q") == ""


def test_cron(sendmail):
    """Users of the host have no domain, and the line of a mailbox file."""
    domain = os.uname().nodename
    if os.path.exists("/etc/mailname"):
        with open("/etc/mailname") as file:
            domain = file.read().strip()
    recipients, message, _ = sendmail.mail(
        "From root Tue Nov 24 12:00:00 2026\nFrom: root (Cron Daemon)\n"
        "To: root\nSubject: Cron <root@host> run\n"
        "Content-Type: text/plain; charset=UTF-8\nX-Cron-Env: <SHELL=/bin/sh>\n"
        "\noutput\n", "-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root")
    assert recipients == [f"root@{domain}"]
    assert f"root@{domain}" in message["From"]
    assert message["X-Cron-Env"] == "<SHELL=/bin/sh>"


def test_without_a_header(sendmail):
    recipients, message, _ = sendmail.mail(
        "\njust text\n", "-F", "Ann B.", "-f", "ann@example.com",
        "bob@example.com")
    assert recipients == ["bob@example.com"]
    assert message["From"] == '"Ann B." <ann@example.com>'
    assert message["Subject"] == "(no subject)"
    assert body(message) == "just text\n"


def test_php_mail(rig, sendmail, env, tmp_path):
    """mail() of the real PHP; its settings are those of php.ini."""
    (tmp_path / "key").write_text(env["POSTRIDER_API_KEY"])
    (tmp_path / "mail.php").write_text("""<?php
        $ok = mail('Bob <bob@example.com>', 'Grüße', "Hello\\nfrom PHP\\n", [
            'From' => 'Shop <shop@example.com>', 'Cc' => 'cc@example.com',
            'Content-Type' => 'text/plain; charset=utf-8'],
            '-fshop@example.com');
        exit($ok ? 0 : 1);""")
    path = (f"{PROGRAM} -t -i --url {rig.lighttpd.url} "
            f"--key-file {tmp_path / 'key'}")
    before = set(ids(rig.client))
    bare = {"PATH": env["PATH"]}
    done = subprocess.run(["php", "-d", f"sendmail_path={path}",
                           tmp_path / "mail.php"], env=bare,
                          capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    [job_id] = set(ids(rig.client)) - before
    recipients, message = sendmail.arrived(job_id)
    assert recipients == ["bob@example.com", "cc@example.com"]
    assert message["Subject"] == "Grüße" and message["Cc"] == "cc@example.com"
    assert message["From"] == "Shop <shop@example.com>"
    assert body(message).rstrip() == "Hello\nfrom PHP"
    failed = subprocess.run(
        ["php", "-d", "sendmail_path=" + path.replace("-t -i", "-bs"),
         tmp_path / "mail.php"], env=bare, capture_output=True, timeout=60)
    assert failed.returncode == 1


def test_handed_in_again_it_is_one_mail(rig, sendmail):
    """After a 75 programs start it anew: a Message-ID tells that it is so."""
    before = len(ids(rig.client))
    named = "Message-ID: <again@example.com>\n" + PLAIN + "Again\n"
    first, again = (sendmail(named, "-v", "-t") for _ in range(2))
    assert first == again
    assert sendmail(named, "-v", "carl@example.com").splitlines()[-1] not in first
    sendmail(PLAIN + "Same\nMessage-ID: <x@y>\n", "-t")
    sendmail(PLAIN + "Same\nMessage-ID: <x@y>\n", "-t")
    assert len(ids(rig.client)) == before + 4


def test_what_is_refused(rig, sendmail):
    before = len(ids(rig.client))
    assert "no recipient" in sendmail(PLAIN, status=USAGE)
    assert "no recipient" in sendmail("Subject: x\n\nx\n", "-t",
                                      status=DATAERR)
    assert "signed" in sendmail(SIGNED, "-t", status=DATAERR)
    assert "-bs is not to be had" in sendmail("", "-bs", status=USAGE)
    sendmail("", "-Z", status=USAGE)
    sendmail(PLAIN + "x", "-t", status=NOPERM, POSTRIDER_API_KEY="pr_x")
    assert len(ids(rig.client)) == before


def test_the_api_is_away(sendmail):
    told = sendmail(PLAIN + "x", "-t", "--url",
                    f"http://127.0.0.1:{ports.free()}", status=TEMPFAIL)
    assert "does not answer" in told
