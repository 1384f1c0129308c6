# SPDX-License-Identifier: MIT
"""
What Python's email finds in the messages of fuzz.mime: the fields and the body
that were given, and no more.
"""

import email
import email.header
import email.policy
import email.utils
import json
import re

NAMES = ["Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted",
         "MIME-Version",
         "Content-Type", "Content-Transfer-Encoding"]


def decode(text):
    return str(email.header.make_header(email.header.decode_header(text)))


def addresses(message, name):
    """
    [(display name, address)] by the older functions: before 3.12.9 the newer
    ones put a blank between the encoded words of a name.
    """
    folded = dict(message.raw_items())[name]
    value = folded.replace("\r\n", "").encode("utf-8", "surrogateescape")
    return [(decode(name), address)
            for name, address in email.utils.getaddresses([value.decode()])]


def given_sender(text):
    """(display name, address) of job_encode()'s from."""
    quoted = re.fullmatch(r'"(.*)" <([^>]*)>', text, re.S)
    if not quoted:
        return "", text
    return re.sub(r"\\(.)", r"\1", quoted.group(1)), quoted.group(2)


def differences(message, fields, body):
    """(what, found, expected), of all that must be the same."""
    names = [name for name in NAMES if name != "Subject" or fields["subject"]]
    yield "header names", message.keys(), names
    yield "From", addresses(message, "From"), [given_sender(fields["from"])]
    yield ("To", addresses(message, "To"),
           [("", address) for address in fields["to"]])
    yield "Subject", message.get("Subject", ""), fields["subject"]
    yield "Content-Type", message.get_content_type(), "text/plain"
    yield "charset", message.get_content_charset(), "utf-8"
    yield "body", message.get_payload(decode=True), body
    yield "defects", message.defects, []


def found_wrong(dumps):
    for path in sorted(dumps.glob("*.eml")):
        raw = path.read_bytes()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        fields = json.loads(path.with_suffix(".fields").read_bytes())
        body = path.with_suffix(".body").read_bytes()
        for what, found, expected in differences(message, fields, body):
            if found != expected:
                yield f"{raw!r}: {what} is {found!r}, not {expected!r}"
