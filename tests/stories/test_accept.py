# SPDX-License-Identifier: MIT
"""A mail is posted, sent, and its life can be followed."""

import email
import email.policy

import pytest

from client import Client
from golden import assert_golden

MAIL = {"to": "reader@example.com", "subject": "Grüße an Zoë",
        "body": "Liebe Zoë,\n.\n..ein Punkt vorn\nund: 日本語\n"}


@pytest.fixture(scope="module")
def sent(rig):
    """The answer to the first mail, and that mail at the sink."""
    answer = rig.client.post(MAIL)
    rig.client.wait(answer.json["job_id"], "completed")
    [mail] = rig.sink.wait(1)
    return answer, mail


def test_the_answer_is_the_golden_one(sent):
    answer, _ = sent
    assert answer.status == 201
    assert answer.headers["Content-Type"].startswith("application/json")
    assert_golden("accepted", answer.json)


def test_the_history_is_the_golden_one(sent, client):
    job = client.job(sent[0].json["job_id"])
    assert_golden("history", job["history"])
    assert_golden("job", job | {"history": []})


def test_the_relay_gets_a_good_message(sent):
    answer, mail = sent
    assert mail.sender == "postrider@example.com"
    assert mail.recipients == [MAIL["to"]]
    message = email.message_from_bytes(mail.data, policy=email.policy.default)
    assert message["From"] == "Postrider <postrider@example.com>"
    assert message["To"] == MAIL["to"]
    assert message["Subject"] == MAIL["subject"]
    assert message["Message-ID"] == f"<{answer.json['job_id']}@example.com>"
    assert message["MIME-Version"] == "1.0"
    assert message["Date"].datetime is not None
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert message.get_content().replace("\r\n", "\n") == MAIL["body"]
    assert mail.data.isascii()
    lines = mail.data.split(b"\r\n")
    assert max(len(line) for line in lines) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_pages_of_the_history(sent, client):
    ids = [sent[0].json["job_id"]]
    ids += [client.send(f"page-{i}@example.com") for i in range(6)]
    for job_id in ids:
        client.wait(job_id, "completed")

    whole = client.history(limit=100)
    assert whole["total"] == len(ids)
    assert [job["job_id"] for job in whole["jobs"]] == ids[::-1]
    assert whole["next_cursor"] is None

    seen, cursor = [], {}
    while cursor is not None:
        page = client.history(limit=3, **cursor)
        assert page["total"] == len(ids) and len(page["jobs"]) <= 3
        seen += [job["job_id"] for job in page["jobs"]]
        cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
    assert seen == ids[::-1]

    assert client.history(status="completed")["total"] == len(ids)
    assert client.history(status="failed") == {
        "total": 0, "total_is_estimate": False, "jobs": [],
        "next_cursor": None, "prev_cursor": None}


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=nonsense",
                                   "status=sent", "offset=3"])
def test_a_wrong_page_is_refused(client, query):
    answer = client.get(f"/api/jobs/history?{query}")
    assert_error(answer, 400, "validation_error")
    assert [fault["field"] for fault in answer.json["details"]] == [
        query.partition("=")[0]]


def test_all_faults_are_told_at_once_and_nothing_is_kept(sent, client):
    before = client.history(limit=1)["total"]
    answer = client.post({"to": "nobody", "subject": 7, "bodi": "x"})
    assert_error(answer, 400, "validation_error")
    fields = {fault["field"] for fault in answer.json["details"]}
    assert fields >= {"to", "subject", "body", "bodi"} or fields >= {
        "to", "subject", "bodi"}
    assert client.history(limit=1)["total"] == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe",
                                  b'{"to":"a@b.example","to":"c@d.example",'
                                  b'"subject":"s","body":"b"}'])
def test_what_is_no_mail_is_refused(client, body):
    answer = client.ask("POST", "/api/emails", body,
                        headers={"Content-Type": "application/json"})
    assert_error(answer, 400, "validation_error")


def test_unknown_paths_ids_and_methods(client):
    assert_error(client.get("/api/nothing"), 404, "not_found")
    assert_error(client.get("/"), 404, "not_found")
    assert_error(client.get("/api/emails/no-such-job"), 404, "not_found")
    refused = client.ask("PUT", "/api/emails", {})
    assert_error(refused, 405, "method_not_allowed")
    assert "POST" in refused.headers["Allow"]


def test_the_web_servers_own_errors_are_json_too(client):
    huge = client.ask("POST", "/api/emails", b"x" * (21 * 1024 * 1024))
    assert_error(huge, 413, "payload_too_large")
    assert_error(client.ask("BREW", "/api/emails"), 501)


def test_health(client, rig):
    for url in (rig.lighttpd.url, rig.worker.url):
        for path in ("/health", "/ready"):
            answer = Client(url).get(path)
            assert answer.status == 200, (url, path, answer)
            assert answer.headers["Content-Type"].startswith(
                "application/json")
    worker = Client(rig.worker.url).get("/health").json
    assert worker["isRunning"] is True
    assert worker["jobsProcessed"] >= 1


def test_without_the_api_the_web_server_says_so(client, rig):
    assert rig.api.stop() == 0
    assert_error(client.get("/health"), 503, "service_unavailable")
    rig.api.start()
    rig.wait_ready()


def assert_error(answer, status, name=None):
    assert answer.status == status, answer
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json
    assert body["statusCode"] == status
    assert body["message"] and body["error"]
    if name:
        assert body["name"] == name
