# SPDX-License-Identifier: MIT
"""What a mail of all fields is on the wire, as Python's `email` reads it."""

import base64
import json
import re

import pytest

import delivered

PNG = bytes(range(256)) * 3
TEXT = "Grüße,\n.\nFrom me\n"
HTML = '<p>Grüße <img src="cid:logo@x"></p>\n'
CSV = {"filename": "Umsätze 2026; \"März\".csv", "content_type": "text/csv",
       "content": base64.b64encode("a;b\n1;2\n".encode()).decode()}
LOGO = {"filename": "logo.png", "content_type": "image/png",
        "content_id": "logo@x", "content": list(PNG)}
EMPTY = {"filename": "empty", "content": ""}


def sent(rig, **fields):
    """(job, mail at the sink, the mail parsed)."""
    job_id = rig.client.send(**fields)
    job = rig.client.wait(job_id, "completed")
    [mail] = [mail for mail in rig.sink.mails
              if delivered.job_of(mail.data) == job_id]
    assert re.fullmatch(rb"([^\r\n]{0,998}\r\n)*", mail.data)
    message = delivered.parse(mail.data)
    assert not list(defects(message))
    return job, mail, message


def defects(message):
    for part in message.walk():
        yield from part.defects
        for value in part.values():
            yield from value.defects


def words(part):
    """Its text; lines end with CR LF on the wire."""
    return part.get_content().replace("\r\n", "\n")


def shape(message):
    """Types, from the outside in."""
    if not message.is_multipart():
        return message.get_content_type()
    return [message.get_content_subtype(),
            *(shape(part) for part in message.iter_parts())]


def test_words(rig):
    _, _, message = sent(rig, html=HTML)
    assert shape(message) == ["alternative", "text/plain", "text/html"]
    text, html = message.iter_parts()
    assert words(text) == "Hello\n" and words(html) == HTML
    _, _, message = sent(rig, body=TEXT, html=HTML)
    text, html = message.iter_parts()
    assert words(text) == TEXT and words(html) == HTML


def test_html_alone(rig):
    answer = rig.client.post({"to": "reader@example.com", "subject": "s",
                              "html": HTML})
    assert answer.status in (201, 202), answer
    rig.client.wait(answer.json["job_id"], "completed")
    message = delivered.parse(rig.sink.mails[-1].data)
    assert shape(message) == "text/html"
    assert words(message) == HTML


@pytest.mark.parametrize("fields, expected", [
    ({"attachments": [CSV]}, ["mixed", "text/plain", "text/csv"]),
    ({"html": HTML, "attachments": [LOGO]},
     ["alternative", "text/plain", ["related", "text/html", "image/png"]]),
    ({"attachments": [LOGO]}, ["mixed", "text/plain", "image/png"]),
    ({"html": HTML, "attachments": [LOGO, CSV, EMPTY]},
     ["mixed",
      ["alternative", "text/plain", ["related", "text/html", "image/png"]],
      "text/csv", "application/octet-stream"]),
    ({"attachments": []}, "text/plain"),
])
def test_shapes(rig, fields, expected):
    _, _, message = sent(rig, **fields)
    assert shape(message) == expected


def test_files(rig):
    node = {"type": "Buffer", "data": list(PNG)}
    _, _, message = sent(rig, html=HTML, attachments=[
        LOGO, CSV, EMPTY, {"content": node, "filename": "n" * 255},
        {"content": "", "filename": "世界" * 40 + ".pdf"}])
    files = {part.get_filename(): part for part in message.walk()
             if part.get_content_disposition()}
    assert {name: part.get_payload(decode=True)
            for name, part in files.items()} == {
        "logo.png": PNG, CSV["filename"]: b"a;b\n1;2\n", "empty": b"",
        "n" * 255: PNG, "世界" * 40 + ".pdf": b""}
    logo, csv = files["logo.png"], files[CSV["filename"]]
    assert logo.get_content_disposition() == "inline"
    assert logo["Content-ID"] == "<logo@x>"
    assert csv.get_content_disposition() == "attachment"
    # For readers that do not know RFC 2231.
    assert csv.get_param("name") == 'Ums_tze 2026; "M_rz".csv'


def test_recipients(rig):
    job, mail, message = sent(
        rig, to=["Ann Lee <ann@example.com>", "bob@example.com"],
        cc="Zoë <zoe@example.com>", bcc=["eve@example.com", "ann@example.com"],
        reply_to=["Desk <desk@example.org>", "desk@example.net"],
        **{"from": "Shop <shop@example.org>"})
    assert str(message["To"]) == "Ann Lee <ann@example.com>, bob@example.com"
    assert str(message["Cc"]) == "Zoë <zoe@example.com>"
    assert str(message["Reply-To"]) == (
        "Desk <desk@example.org>, desk@example.net")
    assert b"eve@example.com" not in mail.data
    assert mail.recipients == ["ann@example.com", "bob@example.com",
                               "zoe@example.com", "eve@example.com"]
    assert {r["address"]: r["state"] for r in job["recipients"]} == (
        dict.fromkeys(mail.recipients, "taken"))


def test_headers(rig):
    headers = {"X-Entity-Ref-ID": "4711", "In-Reply-To": "<a@example.com>",
               "X-Greeting": "Grüße, 世界" * 20,
               "References": " ".join(f"<{n}@example.com>" for n in range(40))}
    _, _, message = sent(rig, headers=headers)
    assert {name: message[name] for name in headers} == headers


def test_labels_are_not_sent(rig):
    _, mail, _ = sent(rig, tags=[{"name": "kind", "value": "receipt"}],
                      metadata={"secret": "order-4711"})
    assert b"receipt" not in mail.data and b"4711" not in mail.data


def test_files_travel_by_id(rig, client):
    """The broker gets no file, and a retry finds it again."""
    rig.sink.on("dot", reply="451 4.3.0 later", times=1)
    rig.worker.stop()
    job_id = client.send(attachments=[LOGO])
    [(_, body)] = rig.queues.take("email_tasks")
    assert json.loads(body)["content"] == {"job_id": job_id}
    rig.queues.publish("email_tasks", body)
    rig.worker.start()
    job = client.wait(job_id, "completed")
    assert job["attempts"] == 2
    message = delivered.parse(rig.sink.mails[-1].data)
    assert [part.get_payload(decode=True) for part in message.iter_parts()
            ][1] == PNG


def test_a_large_mail(rig):
    """15 MB of files are 20 MB of request and of message."""
    big = bytes(range(251)) * 62500
    _, mail, message = sent(rig, attachments=[
        {"filename": "big", "content": base64.b64encode(big).decode()}])
    [_, part] = message.iter_parts()
    assert part.get_payload(decode=True) == big
    assert len(mail.data) < 1.4 * len(big)
