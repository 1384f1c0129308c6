# SPDX-License-Identifier: MIT
"""
What Python's email finds in the messages of fuzz.mime: the fields and the body
that were given, and no more.
"""

import email
import email.policy
import json

NAMES = ["Date", "From", "To", "Subject", "Message-ID", "MIME-Version",
         "Content-Type", "Content-Transfer-Encoding"]


def addresses(message, name):
    return [(box.display_name, box.addr_spec)
            for box in message[name].addresses]


def differences(message, fields, body):
    """(what, found, expected), of all that must be the same."""
    names = [name for name in NAMES if name != "Subject" or fields["subject"]]
    sender = email.message_from_string(f"From: {fields['from']}\n\n",
                                       policy=email.policy.default)
    yield "header names", message.keys(), names
    yield "From", addresses(message, "From"), addresses(sender, "From")
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
