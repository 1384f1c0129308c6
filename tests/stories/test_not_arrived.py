# SPDX-License-Identifier: MIT
"""
docs/operations.md, "A mail has not arrived": each cause is staged, and what the
table says is what the job, the log and the metrics tell.
"""

import pathlib
import re

import pytest

from client import Client
from scrape import metrics

SETTINGS = {"ON_UNKNOWN": "hold", "RETRY_BASE": "10m"}
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "operations.md"
TABLE = re.search(r"\n\| status, and.*?\n\n", DOCS.read_text(), re.S)[0]


@pytest.fixture(autouse=True)
def well_again(rig):
    yield
    rig.sink.rules.clear()


@pytest.fixture(scope="module")
def worker(rig):
    return Client(rig.worker.url)


def row(status, metric):
    """The table has it as the story sees it; the row's cells."""
    [found] = [line for line in TABLE.splitlines()
               if line.startswith(f"| `{status}`") and f"`postrider_{metric}`" in line]
    return found.split(" | ")


def says(rig, job_id, *words):
    """Whether the worker's log has a line about the mail with these words."""
    text = (rig.folder / "log" / "worker.log").read_text()
    return any(f"id={job_id}" in line and all(word in line for word in words)
               for line in text.splitlines() if 'msg="mail"' in line)


def number(client, name):
    return metrics(client)[name]


def settled(rig, worker, status, metric, reply=None, **rule):
    """A mail that the relay treats so comes to that status, is in the log with
    the relay's words, and is counted."""
    cells = row(status, metric)
    assert f"`status={status}`" in cells[2]
    before = number(worker, metric)
    if rule:
        rig.sink.on(reply=reply, **rule)
    job_id = rig.client.send()
    job = rig.client.wait(job_id, status)
    rig.worker.wait_until(
        lambda: says(rig, job_id, f"status={status}", reply or ""), 30, "told")
    rig.worker.wait_until(
        lambda: number(worker, metric) == before + 1, 30, "counted")
    return job


def test_the_relay_puts_it_off(rig, worker):
    job = settled(rig, worker, "retrying", 'attempts_failed_total{class="4xx"}',
                  step="rcpt", reply="451 4.7.1 greylisted")
    assert job["last_error"] == "451 4.7.1 greylisted" and job["next_at"]


def test_refused_for_good(rig, worker):
    job = settled(rig, worker, "failed",
                  'mails_failed_total{reason="rejected"}',
                  step="rcpt", reply="550 5.7.1 nobody of that name")
    assert job["reason"] == "rejected"
    assert job["last_error"] == "550 5.7.1 nobody of that name"


def test_the_line_broke_after_it_was_sent(rig, worker):
    job = settled(rig, worker, "unknown",
                  'mails_settled_total{status="unknown"}', step="dot", cut=True)
    assert job["reason"] == "outcome_unknown"


def test_the_relay_is_down(rig, worker):
    metric = 'relay_state{state="down"}'
    cells = row("queued", metric)
    rig.sink.down()
    job_id = rig.client.send()
    rig.worker.wait_until(lambda: number(worker, metric) == 1, 30, "down")
    log = rig.folder / "log" / "worker.log"
    assert "`relay is down`" in cells[2]
    assert 'msg="relay is down"' in log.read_text()
    assert worker.get("/health").json["reason"] == "the relay is down"
    job = rig.client.job(job_id)
    assert (job["status"], job["retry_count"]) == ("queued", 0)
    rig.sink.listen()
    assert rig.client.wait(job_id)["status"] == "completed"
    assert number(worker, metric) == 0
    assert "`relay is back`" in cells[2]
    assert 'msg="relay is back"' in log.read_text()


def test_no_worker_takes_mail(rig, client):
    metric = 'backlog_age_seconds{of="queue"}'
    row("queued", metric)
    rig.worker.stop()
    job_id = client.send()
    rig.api.wait_until(lambda: number(client, metric) > 0.2, 30, "older")
    job = client.job(job_id)
    assert job["status"] == "queued" and len(job["history"]) == 1
    assert job["history"][0]["message"] == "Job queued"
    assert not says(rig, job_id)
    rig.worker.start()
    assert client.wait(job_id)["status"] == "completed"
