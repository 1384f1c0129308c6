# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 180
"""Whatever stands in a text arrives, byte for byte, in a message that no relay
can misread: no bare CR or LF, no line that ends the mail early."""

import email
import email.policy
import re

SIZES = [n + d for n in (16384, 65536) for d in (-3, -2, -1, 0, 1, 2, 3)]
DOTS = ".\n..\n...\n.x\n" * 10
ODD = {
    "dots": DOTS,
    "many dot lines": ".\n" * 20_000,
    "bare CR": "one\rtwo\r\rthree\r\n\rfour",
    "bare LF": "one\ntwo\n\nthree",
    "the end of a mail": "before\n.\nafter\r\n.\r\nlast",
    "smuggling": "a\n.\r\nMAIL FROM:<x@y.z>\r\n.\n\r.\r\rb",
    "no final newline": "last line",
    "only newlines": "\n\n\n",
    "From line": "From me\n>From you\nFrom",
    "long line": "x" * 5000 + "\n" + "y " * 3000,
    "words of the world": "Grüße, 世界 \U0001f4e8 שלום\n" * 50,
}


def text_of_size(size):
    line = "." + "abcdefgh " * 7 + "\n"
    return (line * (size // len(line) + 1))[:size]


def test_bodies(client, rig):
    bodies = ODD | {f"{size} bytes": text_of_size(size) for size in SIZES}
    sent = {client.send(f"body-{i}@example.com", name, body): (name, body)
            for i, (name, body) in enumerate(bodies.items())}
    mails = rig.sink.wait(len(sent), 60)
    assert len(mails) == len(rig.sink.seen) == len(sent)
    for mail in mails:
        data = mail.data
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n", data), "a bare CR or LF"
        assert data.endswith(b"\r\n")
        assert max(map(len, data.split(b"\r\n"))) <= 998
        message = email.message_from_bytes(data, policy=email.policy.default)
        job_id = message["Message-ID"][1:].partition("@")[0]
        name, body = sent.pop(job_id)
        assert message["Subject"] == name
        text = message.get_payload(decode=True).decode()
        assert as_lines(text) == as_lines(body), name
    assert not sent


def as_lines(text):
    """Line ends are CRLF on the way, and the last line gets one; a bare CR is
    no line end."""
    return text.replace("\r\n", "\n").removesuffix("\n")
