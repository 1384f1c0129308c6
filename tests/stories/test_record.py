# SPDX-License-Identifier: MIT
"""What became of a mail is in the record, and Redis may forget it."""

import contextlib
import json

import pytest

from recorded import (  # noqa: F401  fixtures
    database, forget, rig, store, wait_recorded)
from stack.answer import ask

pytestmark = pytest.mark.usefixtures("rig")


def test_a_mail_in_the_record(rig, client, database):
    job = client.wait(client.send("Ada@Example.com", "Grüße, Ada"), "completed")
    wait_recorded(rig)
    assert database.ask(
        "SELECT id, seq, status, subject, attempts, last_code FROM job "
        f"WHERE id = '{job['id']}'") == [
            [job["id"], "3", "completed", "Grüße, Ada", "1", "250"]]
    assert database.ask(
        "SELECT address, domain, state, code FROM recipient "
        f"WHERE job_id = '{job['id']}'") == [
            ["Ada@example.com", "example.com", "taken", "250"]]
    assert database.ask("SELECT term FROM term ORDER BY term") == [
        ["@example.com"], ["Ada@example.com"], ["ada"], ["grüße"]]
    assert database.ask("SELECT seq, attempt, outcome, code FROM attempt") == [
        ["3", "1", "completed", "250"]]


def test_attempts_and_the_tally(rig, client, database):
    job = client.wait(client.send("error@email.com"), "failed")
    wait_recorded(rig)
    assert database.ask(
        "SELECT attempt, outcome FROM attempt "
        f"WHERE job_id = '{job['id']}' ORDER BY seq") == [
            ["1", "retrying"], ["2", "retrying"], ["3", "failed"]]
    assert database.ask(
        "SELECT what, sum(count) FROM tally GROUP BY what ORDER BY what") == [
            ["accepted", "2"], ["failed", "1"], ["retried", "2"],
            ["sent", "1"]]


def test_the_record_is_a_picture_of_the_job(rig, client, database):
    job = client.wait(client.send("error-1@email.com"), "completed")
    wait_recorded(rig)
    (row,) = database.ask(
        "SELECT addressed, results, history, created_at FROM job "
        f"WHERE id = '{job['id']}'")
    assert [json.loads(text) for text in row[:3]] == [
        job["to"], job["recipients"], job["history"]]


def test_suppressions(rig, client, database):
    """Each time that one is, with who took it back; also what the relay says."""
    def ask(method, query="", body=None):
        answer = client.ask(method, f"/api/suppressions{query}", body)
        assert answer.status in (200, 201), answer
        return answer.json

    ask("POST", body={"address": "Ann@no.example", "list": "news", "reply": "no",
                      "reason": "unsubscribe", "job_id": "j1",
                      "occurred_at": "2026-01-02T03:04:05Z"})
    ask("DELETE", "?address=ann@no.example")
    ask("POST", body={"address": "ann@no.example"})
    job_id = client.post({"to": "ann@no.example", "subject": "s", "body": "b",
                          "list": "news"}).json["id"]
    rule = rig.sink.on("rcpt", reply="550 5.1.1 nobody", to="dead@no.example")
    bounced = client.send("dead@no.example")
    client.wait(bounced, "failed")
    rule.remove()
    wait_recorded(rig)
    with contextlib.closing(store(rig)) as redis:
        rig.worker.wait_until(
            lambda: not redis.exists("suppressions:unrecorded"), 30, "recorded")
    rows = database.ask(
        "SELECT address, list, reason, reply, job_id, occurred_at, removed_at > "
        "created_at - 1, created_by FROM suppression "
        "ORDER BY address, created_at")
    truth = {"1": True, "0": False, "t": True, "f": False}
    assert [[*row[:5], truth[row[6]], row[7]] for row in rows] == [
        ["ann@no.example", "news", "unsubscribe", "no", "j1", True, ""],
        ["ann@no.example", "", "manual", "", "", False, ""],
        ["dead@no.example", "", "hard_bounce", "550 5.1.1 nobody", bounced,
         False, "worker"]]
    assert rows[0][5] == "1767323045000"
    assert database.ask("SELECT status, reason, list FROM job "
                        f"WHERE id = '{job_id}'") == [
        ["failed", "suppressed", "news"]]
    shown = client.job(job_id)
    forget(rig, job_id)
    assert client.job(job_id) == shown and shown["list"] == "news"


def test_away_and_back(rig, client, database):
    """Mail flows without it, and all is recorded when it is back."""
    before = int(database.ask("SELECT count(*) FROM job")[0][0])
    with database.away():
        ids = [client.send(f"away-{i}@example.com") for i in range(200)]
        for job_id in ids:
            client.wait(job_id, "completed", seconds=60)
        rig.worker.wait_until(
            lambda: health(rig)["reason"] == "the record is away", 30, "away")
        assert health(rig)["dependencies"]["record"]["status"] == "down"
    wait_recorded(rig)
    assert database.ask(
        "SELECT status, count(*) FROM job WHERE subject = 'A story' "
        "AND status <> 'failed' GROUP BY status") == [["completed", "201"]]
    assert int(database.ask("SELECT count(*) FROM job")[0][0]) == before + 200
    rig.worker.wait_until(lambda: health(rig)["status"] == "ok", 30, "well")
    log = rig.worker.log.read_text()
    assert log.count('msg="record is away"') == 1
    assert log.count('msg="record is back"') == 1


def test_a_newer_schema_is_left_alone(rig, client, database):
    """Mail flows, and nothing is written."""
    database.ask("INSERT INTO schema_migration (version) VALUES (999)")
    rig.worker.stop()
    rig.worker.start()
    rig.worker.wait_until(
        lambda: "its schema is version 999" in health(rig)
        ["dependencies"]["record"].get("error", ""), 30, "refusing")
    job = client.wait(client.send("newer@example.com"), "completed")
    assert not database.ask(f"SELECT 1 FROM job WHERE id = '{job['id']}'")
    database.ask("DELETE FROM schema_migration WHERE version = 999")
    wait_recorded(rig)
    assert database.ask(f"SELECT 1 FROM job WHERE id = '{job['id']}'")


def test_programs_that_differ(rig, client):
    """An API without a record: the worker says so, until it is gone."""
    with contextlib.closing(store(rig)) as client:
        client.set("record:without", 1)
        rig.worker.wait_until(lambda: health(rig)["reason"] ==
                              "programs differ in DATABASE_URL", 30, "warning")
        client.delete("record:without")
    rig.worker.wait_until(lambda: health(rig)["status"] == "ok", 30, "well")
    assert rig.worker.log.read_text().count(
        'msg="programs at this Redis differ in DATABASE_URL') == 1


def health(rig):
    return ask("GET", f"{rig.worker.url}/health").json
