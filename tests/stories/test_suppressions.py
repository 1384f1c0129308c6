# SPDX-License-Identifier: MIT
"""Who said no is not written to: the list, at accept and before the dot."""

import time

import pytest
from scrape import metrics

TEXT = {"subject": "A story", "body": "Hello\n"}
SETTINGS = {"FAILED_TTL": "1h"}


def suppress(client, address, status=201, **more):
    answer = client.ask("POST", "/api/suppressions", {"address": address} | more)
    assert answer.status == status, answer
    return answer.json


def undo(client, address, **query):
    from urllib.parse import urlencode
    return client.ask("DELETE", "/api/suppressions?" + urlencode(
        {"address": address} | query))


def listed(client, **query):
    answer = client.get("/api/suppressions", **query)
    assert answer.status == 200, answer
    return answer.json


def reached(rig, address):
    return [mail for mail in rig.sink.mails if address in mail.recipients]


def test_a_mail_to_whom_said_no(rig, client):
    """It is there, failed, like any mail that is; taken back, it can be sent."""
    suppress(client, "No@Accept.Example", reason="unsubscribe",
             reply="clicked it", job_id="j-1", occurred_at="2026-01-02T03:04:05Z")
    answer = client.post(TEXT | {"to": "no@accept.example"})
    assert answer.status == 201, answer
    assert answer.json["status"] == "failed"
    assert answer.json["suppressed"] == [
        {"address": "no@accept.example", "reason": "unsubscribe", "list": None}]
    job = client.job(answer.json["id"])
    assert (job["status"], job["reason"]) == ("failed", "suppressed")
    assert [(h["seq"], h["status"]) for h in job["history"]] == [
        (1, "queued"), (2, "failed")]
    assert [(r["address"], r["state"], r["reply"])
            for r in job["recipients"]] == [
        ("no@accept.example", "suppressed", "suppressed: unsubscribe")]
    why = client.get(f"/api/emails/{job['id']}/why").json
    assert why["reason"] == "suppressed"
    assert "DELETE /api/suppressions" in why["what_would_change_it"]
    # A retry changes nothing while it stands.
    retry = f"/api/emails/{job['id']}/retry"
    assert client.ask("POST", retry).status == 200
    assert client.wait(job["id"])["reason"] == "suppressed"
    assert not reached(rig, "no@accept.example")
    removed = undo(client, "no@accept.example").json["data"][0]
    assert (removed["reply"], removed["job_id"], removed["occurred_at"]) == (
        "clicked it", "j-1", "2026-01-02T03:04:05.000Z")
    assert client.ask("POST", retry).status == 200
    assert client.wait(job["id"])["status"] == "completed"
    assert len(reached(rig, "no@accept.example")) == 1


def test_the_others_get_it(rig, client):
    suppress(client, "no@some.example", reason="complaint")
    answer = client.post(TEXT | {
        "to": ["yes@some.example", "NO@some.example"],
        "bcc": "Third <bcc@some.example>"})
    assert answer.json["status"] == "queued", answer
    assert [s["address"] for s in answer.json["suppressed"]] == [
        "NO@some.example"]
    job = client.wait(answer.json["id"])
    assert job["status"] == "completed"
    assert {r["address"]: r["state"] for r in job["recipients"]} == {
        "yes@some.example": "taken", "bcc@some.example": "taken",
        "NO@some.example": "suppressed"}
    mail, = reached(rig, "yes@some.example")
    assert sorted(mail.recipients) == ["bcc@some.example", "yes@some.example"]


def test_of_one_list_alone(rig, client):
    suppress(client, "no@list.example", list="news")
    for more, status in (({}, "queued"), ({"list": "offers"}, "queued"),
                         ({"list": "news"}, "failed"),
                         ({"topic_id": "news"}, "failed")):
        answer = client.post(TEXT | {"to": "no@list.example"} | more)
        assert answer.json["status"] == status, (more, answer)
        if status == "queued":
            assert client.wait(answer.json["id"])["status"] == "completed"
    assert len(reached(rig, "no@list.example")) == 2
    answer = client.post(TEXT | {"to": "a@b.c", "list": "no name"})
    assert [f["field"] for f in answer.json["details"]] == ["list"]


def test_idn_and_letter_case(client):
    suppress(client, "Ann@Bücher.example")
    assert listed(client, address="bücher.example")["data"][0]["address"] == (
        "ann@xn--bcher-kva.example")
    for to in ("ann@xn--bcher-kva.example", "ANN@BÜCHER.example"):
        assert client.post(TEXT | {"to": to}).json["status"] == "failed"


def test_a_batch(rig, client):
    suppress(client, "no@batch.example")
    mails = [TEXT | {"to": to} for to in (
        ["a@batch.example"], ["no@batch.example"],
        ["b@batch.example", "no@batch.example"])]
    headers = {"Idempotency-Key": "suppressed-batch"}
    answer = client.ask("POST", "/api/emails/batch", mails, headers)
    assert answer.status == 201, answer
    ids = [one["id"] for one in answer.json["data"]]
    assert [(s["id"], s["status"], [r["address"] for r in s["recipients"]])
            for s in answer.json["suppressed"]] == [
        (ids[1], "failed", ["no@batch.example"]),
        (ids[2], "queued", ["no@batch.example"])]
    assert [client.wait(job_id)["status"] for job_id in ids] == [
        "completed", "failed", "completed"]
    again = client.ask("POST", "/api/emails/batch", mails, headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == answer.json
    assert not reached(rig, "no@batch.example")
    all_of_it = client.ask("POST", "/api/emails/batch", [mails[1]] * 2)
    assert all_of_it.status == 201
    assert [s["status"] for s in all_of_it.json["suppressed"]] == ["failed"] * 2


def test_the_same_answer_to_the_same_key(client):
    suppress(client, "no@key.example")
    headers = {"Idempotency-Key": "suppressed-1"}
    mail = TEXT | {"to": "no@key.example"}
    first = client.post(mail, headers=headers)
    again = client.post(mail, headers=headers)
    assert again.json == first.json and first.json["status"] == "failed"
    assert again.headers["Idempotency-Replayed"] == "true"


def test_suppressed_while_it_waits(rig, client):
    """After it was accepted: the next attempt leaves him out."""
    rule = rig.sink.on("rcpt", reply="451 4.7.1 not yet", to="no@waits.example")
    job_id = client.send(["no@waits.example", "yes@waits.example"])
    alone = client.send("no@waits.example")
    client.wait(job_id, "retrying")
    suppress(client, "no@waits.example", reason="complaint")
    rule.remove()
    job = client.wait(job_id)
    assert job["status"] == "completed"
    assert {r["address"]: r["state"] for r in job["recipients"]} == {
        "no@waits.example": "suppressed", "yes@waits.example": "taken"}
    job = client.wait(alone)
    assert (job["status"], job["reason"], job["last_error"]) == (
        "failed", "suppressed",
        "Suppressed: none of its recipients is to be sent to")
    assert not reached(rig, "no@waits.example")


def test_suppressed_while_it_is_being_sent(rig, client):
    """The relay takes its time before the message: no dot follows."""
    held = rig.sink.on("data", hold=True, to="no@dot.example")
    job_id = client.send("no@dot.example")
    deadline = time.monotonic() + 30
    while not held.holding:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    suppress(client, "no@dot.example")
    time.sleep(1.1)  # for which the claim's own look is believed
    held.remove()
    job = client.wait(job_id)
    assert (job["status"], job["reason"]) == ("failed", "suppressed"), job
    assert not [m for m in rig.sink.seen if "no@dot.example" in m.recipients]


def test_slow_and_not_suppressed(rig, client):
    held = rig.sink.on("data", hold=True, to="slow@dot.example")
    job_id = client.send("slow@dot.example")
    client.wait(job_id, "processing")
    time.sleep(1.1)
    held.remove()
    job = client.wait(job_id)
    assert (job["status"], job["attempts"]) == ("completed", 1), job


@pytest.mark.parametrize("code, bad", [
    ("550 5.1.1 no such user", True), ("553 5.1.3 bad syntax", True),
    ("551 5.1.6 moved", True), ("556 5.1.10 null MX", True),
    ("550 no such user", False), ("550 5.1.2 no such domain", False),
    ("550 5.1.4 ambiguous", False), ("550 5.1.7 bad sender", False),
    ("550 5.1.8 bad sender's domain", False), ("550 5.7.1 blocked", False),
    ("550 5.2.1 disabled", False), ("550 5.4.1 denied", False),
    ("554 5.7.510 banned", False), ("450 4.1.1 not now", False)])
def test_what_the_relay_says(rig, client, code, bad):
    """A bad address goes on the list by itself, with what was said; a policy
    does not."""
    to = f"{code.partition(' ')[2].split()[0]}@said.example"
    rule = rig.sink.on("rcpt", reply=code, to=to)
    job_id = client.send([to, "yes@said.example"])
    job = client.wait(job_id, "retrying" if code[0] == "4" else "completed")
    rule.remove()
    found = listed(client, address=to)["data"]
    assert len(found) == bad
    if bad:
        assert (found[0]["reason"], found[0]["reply"], found[0]["job_id"],
                found[0]["created_by"], found[0]["list"]) == (
            "hard_bounce", code, job_id, "worker", None)
        answer = client.post(TEXT | {"to": to})
        assert answer.json["status"] == "failed"
    assert job["recipients"]


def test_a_bad_address_said_to_the_message(rig, client):
    """Of one recipient it is clear whom the relay means; of two it is not."""
    rig.sink.on("dot", reply="550 5.1.1 no such user", to="one@late.example")
    rig.sink.on("dot", reply="550 5.1.1 no such user", to="two@late.example")
    client.wait(client.send("one@late.example"), "failed")
    client.wait(client.send(["two@late.example", "three@late.example"]),
                "failed")
    assert [s["address"] for s in listed(client, address="late.example")[
        "data"]] == ["one@late.example"]


def test_pages(client):
    for n in range(12):
        suppress(client, f"n{n}@pages.example", reason="complaint")
    seen, cursor = [], {}
    while True:
        page = listed(client, address="pages.example", limit=5, **cursor)
        seen += [s["address"] for s in page["data"]]
        assert page["has_more"] == (page["next_cursor"] is not None)
        if not page["has_more"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [f"n{n}@pages.example" for n in reversed(range(12))]
    assert page["total"] >= 12
    assert len(listed(client, reason="complaint", address="pages.example")[
        "data"]) == 12
    assert metrics(client)["suppressions"] == listed(client, limit=1)["total"]


def test_taken_back(client):
    suppress(client, "back@undo.example", reason="manual")
    suppress(client, "back@undo.example", reason="manual", list="news")
    assert suppress(client, "back@undo.example", 200)["list"] is None
    assert undo(client, "back@undo.example", list="news").status == 200
    answer = undo(client, "back@undo.example", list="news")
    assert (answer.status, answer.json["name"]) == (404, "not_found")
    assert undo(client, "Back@undo.example", reason="manual").status == 200
    assert listed(client, address="undo.example")["data"] == []
    gone = listed(client, address="undo.example", removed="true")["data"]
    assert [(s["list"], s["removed_at"] is not None) for s in gone] == [
        (None, True), ("news", True)]


def test_redis_is_killed(rig, client):
    """What was answered 201 is kept, and counts again."""
    suppress(client, "kept@killed.example")
    rig.redis.kill()
    rig.redis.start()
    rig.wait_ready()
    assert [s["address"] for s in listed(client, address="killed.example")[
        "data"]] == ["kept@killed.example"]
    answer = client.post(TEXT | {"to": "kept@killed.example"})
    assert answer.json["status"] == "failed"


def test_what_is_wrong_is_said(client):
    for body, fields in (
            ({}, ["address"]), ({"address": "nobody"}, ["address"]),
            ({"address": "a@b.c", "reason": "none"}, ["reason"]),
            ({"address": "a@b.c", "list": "*"}, ["list"]),
            ({"address": "a@b.c", "expires_at": "2020-01-01T00:00:00Z",
              "adress": "a@b.c"}, ["expires_at", "adress"]),
            ({"address": ["a@b.c"]}, ["address"]), ([], [""])):
        answer = client.ask("POST", "/api/suppressions", body)
        assert answer.status == 400, answer
        assert [f["field"] for f in answer.json["details"]] == fields, answer
    for query in ("limit=0", "limit=501", "cursor=x", "address=", "reason=no",
                  "removed=1", "status=failed"):
        answer = client.ask("GET", f"/api/suppressions?{query}")
        assert answer.status == 400, query
        assert [f["field"] for f in answer.json["details"]] == [
            query.partition("=")[0]]
    assert client.ask("DELETE", "/api/suppressions").status == 400
    answer = client.ask("PUT", "/api/suppressions")
    assert answer.headers["Allow"] == "GET, HEAD, POST, DELETE"
