# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""
The rules that providers publish for senders, over mails of all kinds: what
`strict` takes keeps all of them. Those that break one are told so.
"""

import base64
import copy
import datetime
import random

import pytest

import delivered
import sender_rules
from authority import Authority
from proof import message as proof
from relayed import Relayed
from secure_relay import SecureRelay
from sender_rules import OF_SIGNATURES, RULES, Sent
from zone import Zone

GENERATED = 60
URL = "https://example.com/unsubscribe?of=4711&list=news"
FILE = {"filename": "Umsätze.csv", "content_type": "text/csv",
        "content": base64.b64encode(b"a;b\n" * 999).decode()}
KINDS = [
    {},
    {"from": "ann@example.com"},
    {"from": '"Jörg Ünlü, Shop" <joerg@news.example.com>'},
    {"from": "Ann <ann@sub.sub.example.com>", "reply_to": "desk@example.net"},
    {"to": [f"reader{n}@example.com" for n in range(50)]},
    {"cc": ["Zoë <zoe@example.com>"], "bcc": "eve@example.com"},
    {"to": "grüße@example.com"},
    {"subject": "日本語 " * 20},
    {"subject": "=?utf-8?q?already?="},
    {"text": "\r\n.\r\n\n\r.\rFrom me\n", "html": "<p>\r</p>"},
    {"text": "x" * 100_000, "html": f"<p>{'x' * 100_000}</p>"},
    {"attachments": [FILE, FILE]},
    {"html": "<img src=\"cid:a@b\">", "attachments": [
        FILE, {"content": "", "content_id": "a@b"}]},
    {"unsubscribe": {"url": URL}, "headers": {"List-Id": "<news.example.com>"}},
    {"unsubscribe": {"url": "https://example.com/" + "u" * 700}},
    {"headers": {f"X-{n}": "Ω" * 400 for n in range(50)}},
    {"headers": {"References": "<a@b.example> " * 60,
                 "In-Reply-To": "<a@b.example>"}},
]


def generated(number):
    """A mail of the proof's corpus as a request, without what is warned of."""
    payload, files, _ = proof.mail(number)
    del payload["job_id"], payload["created_at"], payload["bcc"]
    at = 0
    for file in payload["attachments"]:
        size = file.pop("size")
        file["content"] = base64.b64encode(files[at:at + size]).decode()
        at += size
    payload["text"] = payload.pop("body", "text")
    payload["subject"] = payload["subject"].encode()[:200].decode(
        errors="ignore")
    payload["from"] = payload["from"].replace("@example.net", "@example.com")
    return payload


@pytest.fixture(scope="module")
def began():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


@pytest.fixture(scope="module")
def zone(tmp_path_factory):
    zone = Zone(tmp_path_factory.mktemp("keys"))
    zone.add("example.com", "s1")
    return zone


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("ca"))
    relay = SecureRelay(authority.certify("relay.pem", "127.0.0.1"))
    yield relay
    relay.stop()


@pytest.fixture(scope="module")
def mails(new_rig, zone, relay, began):
    """Each as the relay got it, by the setting that all have to begin with."""
    rig = new_rig({"DKIM_KEYS": str(zone.folder)}).start()
    Relayed(rig).use(relay)
    plain = {"to": "reader@example.com", "subject": "s", "text": "t",
             "strict": True}
    requests = [plain | kind for kind in KINDS]
    numbers = random.Random(8).sample(range(1, 500), GENERATED)
    requests += [plain | generated(number) for number in numbers]
    bulk = {}
    for request in requests:
        answer = rig.client.post(request)
        assert answer.status in (201, 202), (answer, request)
        bulk[answer.json["job_id"]] = "unsubscribe" in request
    for job_id in bulk:
        rig.client.wait(job_id, "completed")
    mails = [Sent(mail, bulk[delivered.job_of(mail.data)], began)
             for mail in relay.mails]
    assert len(mails) == len(requests)
    return mails


@pytest.fixture(scope="module")
def judged(mails, zone, tmp_path_factory):
    found = zone.mailauth([mail.raw for mail in mails],
                          tmp_path_factory.mktemp("mails"))
    for mail, signatures in zip(mails, found):
        mail.signatures = signatures


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(mails, rule, request):
    if rule in OF_SIGNATURES:
        request.getfixturevalue("judged")
    broken = [(fault, mail.raw[:2000]) for mail in mails
              for fault in rule(mail)]
    assert not broken, f"{RULES[rule]}: {broken[0]}, and {len(broken) - 1} more"


@pytest.mark.parametrize("rule, old, new", [
    ("single_headers", b"Subject: ", b"Subject: x\r\nSubject: "),
    ("single_headers", b"Date: ", b"X-Date: "),
    ("one_from", b"From: ", b"From: a@example.com, "),
    ("valid_message_id", b"Message-ID: <", b"Message-ID: <a b"),
    ("valid_date", b" +0000\r\n", b" GMT\r\n"),
    ("valid_date", b"Date: ", b"Date: Mon, 29 Jun 2099 15:52:17 +0000\r\n "),
    ("whole_lines", b"\r\n\r\n", b"\r\n\r\na\nb"),
    ("whole_lines", b"\r\n\r\n", b"\r\n\r\n" + b"x" * 999),
    ("plain_header", b"Subject: ", b"Subject: \xc3\xa9"),
    ("header_limits", b"Subject: ", b"Subject: " + b"x " * 500),
    ("one_click_unsubscribe", b"Subject: ", b"List-Unsubscribe: x\r\nSubject: "),
    ("nobody_hidden", b"To: ", b"To: other@example.com, "),
    ("sound_mime", b"MIME-Version: 1.0", b"MIME-Version: 2.0"),
    ("all_covered", b":from;", b";"),
])
def test_rules_see_what_breaks_them(mails, rule, old, new):
    check, mail = getattr(sender_rules, rule), mails[0]
    changed = copy.copy(mail.mail)
    changed.data = mail.raw.replace(old, new, 1)
    assert changed.data != mail.raw and not [*check(mail)]
    assert [*check(Sent(changed, mail.bulk, mail.began))]
