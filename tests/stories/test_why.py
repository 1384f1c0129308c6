# SPDX-License-Identifier: MIT
"""GET /api/emails/{id}/why: words and fields for a mail in each state."""

import pytest

SETTINGS = {"RECORD_INTERVAL": "100ms"}


@pytest.fixture(scope="module")
def rig(new_rig, tmp_path_factory):
    database = tmp_path_factory.mktemp("record") / "record.db"
    return new_rig({"DATABASE_URL": f"sqlite://{database}"}).start()


def why(client, job_id):
    answer = client.get(f"/api/emails/{job_id}/why")
    assert answer.status == 200, answer
    return answer.json


def test_refused_and_taken(rig, client):
    rule = rig.sink.on("rcpt", reply="550 5.7.1 no such user",
                       to="w1@example.com")
    job_id = client.send("w1@example.com")
    client.wait(job_id)
    told = why(client, job_id)
    assert (told["status"], told["reason"], told["message"]) == (
        "failed", "rejected", "The relay refused it for good")
    assert "retry" in told["what_would_change_it"]
    attempt, = told["attempts"]
    assert attempt.items() >= {
        "attempt": 1, "outcome": "failed", "phase": "DATA", "code": 550,
        "enhanced_code": "5.7.1", "reply": "550 5.7.1 no such user",
        "relay": f"127.0.0.1:{rig.sink.port}"}.items(), attempt
    assert attempt["began_at"] <= attempt["ended_at"]
    assert (told["next_at"], told["give_up_at"], told["held_by"]) == (None,) * 3
    rule.remove()
    client.ask("POST", f"/api/emails/{job_id}/retry")
    client.wait(job_id)
    told = why(client, job_id)
    assert [one["outcome"] for one in told["attempts"]] == [
        "failed", "completed"]
    assert told["attempts"][1]["phase"] == "dot"
    assert told["attempts"][1]["enhanced_code"] == "2.0.0"


def test_while_it_waits(rig, client):
    job_id = client.send("w2@example.com", scheduled_at="in 1 hour",
                         expires_at="in 2 hours")
    told = why(client, job_id)
    assert told["message"] == "It waits for its time, next_at"
    assert told["next_at"] < told["expires_at"] and told["attempts"] == []
    rule = rig.sink.on("mail", reply="451 4.7.1 later")
    job_id = client.send("w3@example.com")
    client.wait(job_id, "retrying")
    rule.remove()
    told = why(client, job_id)
    first = told["attempts"][0]
    # The envelope's replies come together.
    assert (first["phase"], first["code"], first["enhanced_code"]) == (
        "DATA", 451, "4.7.1"), first
    assert told["give_up_at"] or told["status"] == "completed"


def test_who_holds_it(rig, client):
    held = rig.sink.on("dot", hold=True, to="w4@example.com")
    job_id = client.send("w4@example.com")
    client.wait(job_id, "processing")
    told = why(client, job_id)
    assert told["held_by"]["owner"] and told["held_by"]["until"]
    attempt, = told["attempts"]
    assert (attempt["attempt"], attempt["ended_at"]) == (1, None)
    held.remove()
    assert client.wait(job_id)["status"] == "completed"


def test_of_a_mail_that_only_the_record_has(rig, client):
    job_id = client.send("w5@example.com")
    client.wait(job_id)
    before = why(client, job_id)
    store = rig.store()
    rig.worker.wait_until(
        lambda: not store.zscore("record:dirty", job_id), 30, "recorded")
    store.delete(f"job:{job_id}")
    assert why(client, job_id) == before


def test_no_such_mail(client):
    answer = client.get("/api/emails/none/why")
    assert (answer.status, answer.json["name"]) == (404, "not_found")
