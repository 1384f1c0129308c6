# SPDX-License-Identifier: MIT
"""The numbers of now, and of the last hours where they are recorded."""

from recorded import database, rig, wait_recorded  # noqa: F401  fixtures


def stats(client):
    answer = client.get("/api/stats")
    assert answer.status == 200, answer
    return answer.json


def total(told, what):
    return sum(minute[what] for minute in told["minutes"])


def test_stats(rig, client):
    told = stats(client)
    assert set(told["statuses"].values()) == {0}
    assert told["accept_to_sent_ms"] == {
        "p50": None, "p95": None, "p99": None, "mails": 0}
    ids = [client.send(f"stats-{i}@example.com") for i in range(20)]
    ids += [client.send("error-1@email.com"), client.send("error@email.com")]
    for job_id in ids:
        client.wait(job_id, "completed", "failed", seconds=60)
    wait_recorded(rig)
    told = stats(client)
    assert told["statuses"]["completed"] == 21
    assert told["statuses"]["failed"] == 1
    lanes = told["queue"].pop("lanes")
    assert set(lanes) == {"high", "normal", "bulk"}
    assert told["queue"] == {"depth": 0, "oldest_age_ms": 0, "outbox": 0,
                             "unrecorded": 0}
    assert len(told["minutes"]) == 180
    assert [total(told, what) for what in (
        "accepted", "sent", "retried", "failed", "unknown")] == [
            22, 21, 3, 1, 0]
    delays = told["accept_to_sent_ms"]
    assert delays["mails"] == 21
    assert 0 <= delays["p50"] <= delays["p95"] <= delays["p99"]
    # What was retried, after its pause of 200 ms less 20 %, is the slowest.
    assert delays["p99"] >= 140


def test_what_waits(rig, client):
    rig.worker.stop()
    client.send("waits@example.com")
    told = stats(client)
    assert told["queue"]["depth"] == told["statuses"]["queued"] == 1
    assert told["queue"]["unrecorded"] == 1
    assert client.get("/api/stats?hours=3").status == 400


def test_without_a_record(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.start()
    rig.client.send()
    told = stats(rig.client)
    assert told["statuses"]["queued"] == 1
    assert told["minutes"] is None and told["accept_to_sent_ms"] is None
