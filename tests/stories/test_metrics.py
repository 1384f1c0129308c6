# SPDX-License-Identifier: MIT
"""What is counted is what happened: at the API, the worker and the events."""

import pathlib
import re

import pytest

from client import Client
from scrape import metrics, scrape

PROTOCOL = pathlib.Path(__file__).resolve().parents[2] / "docs" / "protocol.md"


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig({"RETRY_FOR": "10m"})
    rig.events = rig.new_events()
    return rig.start()


@pytest.fixture(scope="module")
def worker(rig):
    return Client(rig.worker.url)


def of_events(rig):
    with rig.events.connect() as peer:
        peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: story\r\n\r\n")
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    head, _, text = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ") and b"text/plain" in head
    return scrape(text)


def test_mails_are_counted_once(rig, client, worker):
    ids = [client.send(f"counted-{i}@example.com") for i in range(5)]
    ids += [client.send("error-1@email.com"), client.send("error@email.com")]
    for job_id in ids:
        client.wait(job_id, "completed", "failed", seconds=60)
    assert client.post({"to": "nobody"}).status == 400
    for _ in range(2):
        client.post({"to": "a@example.com", "subject": "s", "body": "b"},
                    headers={"Idempotency-Key": "once"})

    # Its answer may be ahead of what Redis has told the worker.
    rig.worker.wait_until(lambda: metrics(worker)[
        'mails_settled_total{status="completed"}'] == 7, 30, "done")
    api, sent = metrics(client), metrics(worker)
    assert sum(api[f'mails_accepted_total{{answer="{answer}"}}']
               for answer in ("confirmed", "kept")) == 8
    assert api["mails_repeated_total"] == 1
    assert api['requests_refused_total{reason="validation_error"}'] == 1
    assert api['request_seconds_count{code="4xx"}'] == 1
    assert api["commit_group_mails_sum"] == 8
    assert api["requests_in_flight"] == 1
    assert api['jobs{status="completed"}'] == 7
    assert api['jobs{status="failed"}'] == 1
    assert api['backlog{of="queue"}'] == api['backlog_age_seconds{of="queue"}'] == 0

    assert sent['attempts_total{outcome="sent"}'] == 7
    # One of error-1, three of error; the third was its last.
    assert sent['attempts_total{outcome="deferred"}'] == 3
    assert sent['attempts_total{outcome="rejected"}'] == 1
    assert sent['mails_settled_total{status="retrying"}'] == 3
    assert sent['mails_failed_total{reason="rejected"}'] == 1
    assert sent["accept_to_sent_seconds_count"] == 7
    assert sent['smtp_phase_seconds_count{phase="connect"}'] >= 1
    for phase in ("mail", "rcpt", "data", "message", "dot"):
        assert sent[f'smtp_phase_seconds_count{{phase="{phase}"}}'] == 6 + 1
    assert sent['relay_state{state="up"}'] == 1
    assert sent["mails_in_hand"] == 0
    for program in (api, sent):
        assert program['service_up{service="redis"}'] == 1
        assert program['service_up{service="rabbitmq"}'] == 1


def test_what_waits_and_for_how_long(rig, client):
    rig.worker.stop()
    client.send("waits@example.com")
    rig.api.wait_until(lambda: metrics(client)[
        'backlog_age_seconds{of="queue"}'] > 0, 30, "older")
    assert metrics(client)['backlog{of="queue"}'] == 1
    rig.worker.start()


def test_an_outage_is_seen_and_its_end(rig, client):
    rig.redis.stop()
    rig.api.wait_until(lambda: metrics(client)[
        'service_up{service="redis"}'] == 0, 30, "away")
    away = metrics(client)
    assert 'jobs{status="completed"}' not in away
    assert 'backlog{of="queue"}' not in away
    assert away["commit_group_mails_sum"] > 0
    rig.redis.start()
    rig.api.wait_until(lambda: metrics(client)[
        'service_up{service="redis"}'] == 1, 30, "back")
    back = metrics(client)
    assert back['reconnects_total{service="redis"}'] >= 1
    assert back['jobs{status="completed"}'] >= 7


def test_events_count_their_clients(rig):
    before = of_events(rig)
    assert before['clients{transport="sse"}'] == 0
    with rig.events.connect() as peer:
        peer.sendall(b"GET /api/events HTTP/1.1\r\nHost: story\r\n\r\n")
        assert peer.recv(4096)
        assert of_events(rig)['clients{transport="sse"}'] == 1


def test_the_docs_name_them_all(rig, client, worker):
    told = {name.partition("{")[0] for samples in (
        metrics(client), metrics(worker), of_events(rig)) for name in samples}
    told = {re.sub("_seconds_(bucket|sum|count)$", "_seconds", name)
            for name in told}
    told = {re.sub("_mails_(bucket|sum|count)$", "_mails", name)
            for name in told}
    part = PROTOCOL.read_text().partition("\n## Metrics\n")[2].partition(
        "\n## ")[0]
    assert told == set(re.findall(r"`postrider_([a-z_]+)", part))
