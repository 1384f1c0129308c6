# SPDX-License-Identifier: MIT
"""
What a real server stored, against what went to it through a proxy, byte for
byte, and against the text that was asked to be sent.
"""

import email
import email.policy
import re

from relayed import wait_for

LAST = "the text after it\n"
BODIES = {
    "dots": ".\n..\n...\n.x\n" * 5,
    "empty lines": "\n\nbetween\n\n\n\n",
    "no final newline": "last line",
    "line ends": "lf\ncrlf\r\nlf\n",
    "bare CR": "one\rtwo\r\rthree\r\n\rfour",
    "long line": "x" * 5000 + "\n" + "y " * 3000,
    "998 bytes": "z" * 998 + "\n." + "z" * 997 + "\n",
    "From line": "From me\n>From you\nFrom",
    "words of the world": "Grüße, 世界 \U0001f4e8 שלום\n" * 20,
    "large": ("." + "abcdefgh " * 7 + "\n") * 4000,
}
# How servers have been made to see the end of a mail where there is none.
ENDS = ["\r\n.\r\n", "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n",
        "\r.\n", "\n.\r", "\n\n.\r\n", "\r\r\n.\r\r\n", "\r\n.\r\r\n", "\r\n..\r\n"]
SMUGGLED = ("MAIL FROM:<admin@example.com>\r\nRCPT TO:<victim@example.com>\r\n"
            "DATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n.\r\n")


def sent(proxy):
    """The messages that went through, dot-stuffing undone (RFC 5321 4.5.2)."""
    found = re.findall(rb"DATA\r\n(.*?\r\n)\.\r\n", bytes(proxy.passed["up"]),
                       re.S)
    return [re.sub(rb"(?m)^\.", b"", message) for message in found]


def files(mailbox):
    return list(mailbox.iterdir()) if mailbox.is_dir() else []


def stored(mailbox, count):
    """So many files of it, by the Message-ID's job; it is empty after that."""
    wait_for(lambda: len(files(mailbox)) >= count, f"{count} mails", 60)
    found = {}
    for path in files(mailbox):
        content = path.read_bytes()
        found[job_of(content)] = content
        path.unlink()
    return found


def parse(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def job_of(content):
    return parse(content)["Message-ID"][1:].partition("@")[0]


def text_of(content):
    return parse(content).get_payload(decode=True).decode()


def lines_of(text):
    """CRLF on the way; the last line gets one; a bare CR is no line end."""
    return text.replace("\r\n", "\n").removesuffix("\n")


def assert_same(content, message):
    """A stored mail is the message behind the headers that a server adds."""
    added = content.removesuffix(message.replace(b"\r\n", b"\n"))
    assert added != content, (content, message)
    assert re.fullmatch(rb"((Return-Path|X-Original-To|Delivered-To|Received):"
                        rb" .*\n(\t.*\n)*)+", added), added


def all_arrive(client, proxy, mailbox, bodies):
    """Each of {name: body} is one mail, as it was sent: what was stored."""
    before = len(sent(proxy))
    jobs = {client.send("reader@example.com", name, body): body
            for name, body in bodies.items()}
    for job_id in jobs:
        assert client.wait(job_id, "completed")["attempts"] == 1
    messages = {job_of(message): message for message in sent(proxy)[before:]}
    found = stored(mailbox, len(jobs))
    assert messages.keys() == found.keys() == jobs.keys()
    for job_id, body in jobs.items():
        assert_same(found[job_id], messages[job_id])
        assert lines_of(text_of(messages[job_id])) == lines_of(body)
    return found
