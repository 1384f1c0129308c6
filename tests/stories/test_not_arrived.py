# SPDX-License-Identifier: MIT
"""
docs/operations.md, "A mail has not arrived": each cause is staged, and what the
table says is what the job, its why, its trace, the log and the metrics tell.
"""

import pathlib
import re

import pytest

from client import Client
from scrape import metrics
from test_restore import decide, dump, restore

# The columns of its table.
WHY, TRACE, LOG = 2, 3, 4
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "operations.md"
TABLE = re.search(r"\n\| status, and.*?\n\n", DOCS.read_text(), re.S)[0]


@pytest.fixture(scope="module")
def rig(new_rig, collector):
    return new_rig({"ON_UNKNOWN": "hold", "RETRY_BASE": "10m",
                    "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                    "OTEL_BSP_SCHEDULE_DELAY": "50"}).start()


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


def why(rig, job_id, cells):
    """Its message is what the table says."""
    told = rig.client.get(f"/api/emails/{job_id}/why").json
    assert cells[WHY].startswith(f'"{told["message"]}"'), told
    return told


def spans(rig, collector, job_id, *names):
    """Of the mail's trace, as soon as spans of these names are there."""
    found = {}

    def are_there():
        mine = {span["traceId"] for span in collector.spans()
                if ("postrider.job_id", job_id) in attributes(span).items()}
        found.clear()
        found.update((span["name"], span) for span in collector.spans()
                     if span["traceId"] in mine)
        return found and set(names) <= found.keys()
    rig.api.wait_until(are_there, 30, "traced")
    return found


def attributes(span):
    return {it["key"]: next(iter(it["value"].values()))
            for it in span["attributes"]}


def smtp(rig, collector, job_id, status, code=None):
    """The table's words on the attempt's spans are what they tell."""
    told = spans(rig, collector, job_id, "SMTP", "process email_tasks")
    attempt = attributes(told["process email_tasks"])
    assert attempt["postrider.job.status"] == status
    assert attributes(told["SMTP"]).get("smtp.reply.code") == code
    return told["SMTP"]


def says(rig, job_id, *words):
    """Whether the worker's log has a line about the mail with these words."""
    text = (rig.folder / "log" / "worker.log").read_text()
    return any(f"id={job_id}" in line and all(word in line for word in words)
               for line in text.splitlines() if 'msg="mail"' in line)


def number(client, name):
    return metrics(client)[name]


def settled(rig, worker, status, metric, reply=None, **rule):
    """A mail that the relay treats so comes to that status, is in the log with
    the relay's words, and is counted; its why says what the table does."""
    cells = row(status, metric)
    assert f"`status={status}`" in cells[LOG]
    before = number(worker, metric)
    if rule:
        rig.sink.on(reply=reply, **rule)
    job_id = rig.client.send()
    job = rig.client.wait(job_id, status)
    rig.worker.wait_until(
        lambda: says(rig, job_id, f"status={status}", reply or ""), 30, "told")
    rig.worker.wait_until(
        lambda: number(worker, metric) == before + 1, 30, "counted")
    why(rig, job_id, cells)
    return job | {"cells": cells}


def test_the_relay_puts_it_off(rig, worker, collector):
    job = settled(rig, worker, "retrying", 'attempts_failed_total{class="4xx"}',
                  step="rcpt", reply="451 4.7.1 greylisted")
    assert job["last_error"] == "451 4.7.1 greylisted" and job["next_at"]
    smtp(rig, collector, job["job_id"], "retrying", "451")
    assert "`smtp.reply.code` 4xx" in job["cells"][TRACE]


def test_refused_for_good(rig, worker, collector):
    job = settled(rig, worker, "failed",
                  'mails_failed_total{reason="rejected"}',
                  step="rcpt", reply="550 5.7.1 nobody of that name")
    assert job["reason"] == "rejected"
    assert job["last_error"] == "550 5.7.1 nobody of that name"
    smtp(rig, collector, job["job_id"], "failed", "550")
    assert "`smtp.reply.code` 5xx" in job["cells"][TRACE]


def test_the_line_broke_after_it_was_sent(rig, worker, collector):
    job = settled(rig, worker, "unknown",
                  'mails_settled_total{status="unknown"}', step="dot", cut=True)
    assert job["reason"] == "outcome_unknown"
    span = smtp(rig, collector, job["job_id"], "unknown")
    assert span["events"][-1]["name"] == "smtp.dot"
    assert attributes(span)["error.type"] == "unknown"
    assert "ends with `smtp.dot`" in job["cells"][TRACE]


def test_the_relay_is_down(rig, worker, collector):
    metric = 'relay_state{state="down"}'
    cells = row("queued", metric)
    rig.sink.down()
    job_id = rig.client.send()
    rig.worker.wait_until(lambda: number(worker, metric) == 1, 30, "down")
    log = rig.folder / "log" / "worker.log"
    assert "`relay is down`" in cells[LOG]
    assert 'msg="relay is down"' in log.read_text()
    assert worker.get("/health").json["reason"] == "the relay is down"
    job = rig.client.job(job_id)
    assert (job["status"], job["retry_count"]) == ("queued", 0)
    told = why(rig, job_id, cells)
    assert {one["outcome"] for one in told["attempts"]} <= {"queued"}
    trace = spans(rig, collector, job_id, "send email_tasks")
    assert "SMTP" not in trace or "status" in trace["SMTP"]
    rig.sink.listen()
    assert rig.client.wait(job_id)["status"] == "completed"
    assert number(worker, metric) == 0
    assert "`relay is back`" in cells[LOG]
    assert 'msg="relay is back"' in log.read_text()


def test_no_worker_takes_mail(rig, client, collector):
    metric = 'backlog_age_seconds{of="queue"}'
    cells = row("queued", metric)
    rig.worker.stop()
    job_id = client.send()
    rig.api.wait_until(lambda: number(client, metric) > 0.2, 30, "older")
    job = client.job(job_id)
    assert job["status"] == "queued" and len(job["history"]) == 1
    assert job["history"][0]["message"] == "Job queued"
    assert why(rig, job_id, cells)["attempts"] == []
    trace = spans(rig, collector, job_id, "send email_tasks")
    assert trace.keys() == {"POST /api/emails", "EVALSHA", "send email_tasks"}
    assert "ends with `send email_tasks`" in cells[TRACE]
    assert not says(rig, job_id)
    rig.worker.start()
    assert client.wait(job_id)["status"] == "completed"


def test_redis_went_back_in_time(rig, worker, collector):
    metric = "store_trusted"
    cells = row("queued", metric)
    rig.worker.stop()
    waits_in_the_copy = rig.client.send()
    dump(rig)
    rig.worker.start()
    rig.client.wait(waits_in_the_copy)
    restore(rig)
    rig.worker.wait_until(lambda: number(worker, metric) == 0, 30, "held")
    [words] = re.findall("`(.*)`", cells[LOG])
    assert f'msg="{words}"' in rig.worker.log.read_text()
    job_id = rig.client.send()
    assert rig.client.job(job_id)["status"] == "queued"
    why(rig, job_id, cells)
    trace = spans(rig, collector, job_id, "send email_tasks")
    assert "SMTP" not in trace
    decide(rig, "send")
    assert rig.client.wait(job_id)["status"] == "completed"
