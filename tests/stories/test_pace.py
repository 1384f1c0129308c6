# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 600
"""No faster than SEND_RATE and PACE_FILE say: counted at the sink."""

import os
import signal
import subprocess

import pytest
from rig import WORKER
from scrape import scrape
from stack.answer import ask
from test_sweeper import health, wait_for

SETTINGS = {"SMTP_CONNECTIONS": "8", "LOG_LEVEL": "info",
            "SWEEP_INTERVAL": "300ms", "OUTBOX_AFTER": "300ms",
            "OVERDUE_AFTER": "2s"}
LATE = 3  # s that a mail may take from its claim to the sink


@pytest.fixture
def table(tmp_path):
    """PACE_FILE."""
    return tmp_path / "pace"


def send(rig, count, domain="example.com", **fields):
    return [rig.client.send(f"{i}@{domain}", **fields) for i in range(count)]


def completed(rig, ids):
    """Each in its first attempt, however often it waited for its turn."""
    for job_id in ids:
        job = rig.client.wait(job_id, "completed", seconds=120)
        assert job["attempts"] == 1, job
        assert [one["status"] for one in job["history"]] == [
            "queued", "processing", "completed"], job


def times(rig, domain="example.com"):
    return [mail.time for mail in rig.sink.mails
            if mail.recipients[0].endswith(f"@{domain}")]


def assert_rate(came, rate):
    """Whatever stretch of time is looked at: no more than may go in it, a
    second's mails at once at its beginning."""
    came = sorted(came)
    for first in range(len(came)):
        for last in range(first, len(came)):
            most = rate * (came[last] - came[first] + LATE) + rate + 1
            assert last - first + 1 <= most, (first, last, came)


def hang_up(rig, words):
    log = rig.worker.log
    start = log.stat().st_size
    os.kill(rig.worker.pid, signal.SIGHUP)
    wait_for(lambda: words in log.read_text()[start:])
    return log.read_text()[start:]


def test_all_workers_keep_one_rate(new_rig):
    rig = new_rig({"SEND_RATE": "5"}).start()
    two = rig.new_worker("two")
    two.start()
    urls = (rig.worker.url, two.url)
    ids = send(rig, 90)
    last = wait_for(lambda: next((
        told for told in (rig.client.get(f"/api/emails/{job_id}/why").json
                          for job_id in reversed(ids)) if told["turn_at"]),
        None))
    assert "SEND_RATE" in last["message"] and last["held_by"] is None
    assert last["status"] == "queued" and last["attempts"] == []
    completed(rig, ids)
    came = times(rig)
    assert len(came) == 90
    assert_rate(came, 5)
    assert max(came) - min(came) >= (90 - 6) / 5 - LATE
    workers = [ask("GET", f"{url}/health").json for url in urls]
    assert all(one["pace"]["send_rate"] == 5 for one in workers)
    assert all(one["jobsProcessed"] > 0 for one in workers), workers
    assert sum(one["overdue"] for one in workers) == 0
    # A turn on the ladder, one for what is left of its last second: no mail
    # spins. They held no session: what there was is that of mails that went.
    waits = sum(one["pace"]["waits"] for one in workers)
    assert 60 <= waits <= 90 * 5, workers
    assert waits == sum(scrape(ask("GET", f"{url}/metrics").body)
                        ["mails_paced_total"] for url in urls)
    told = rig.client.get(f"/api/emails/{ids[-1]}/why").json
    assert told["turn_at"] is None and told["status"] == "completed"


def test_a_high_mail_stands_before_a_newsletter(new_rig):
    rig = new_rig({"SEND_RATE": "2"}).start()
    ids = send(rig, 40, priority="bulk")
    rig.sink.wait(4)
    before = len(rig.sink.mails)
    reset = rig.client.send("reset@example.org", priority="high")
    completed(rig, [reset])
    after = [mail.recipients[0] for mail in rig.sink.mails].index(
        "reset@example.org")
    assert after - before < 10, (before, after)
    completed(rig, ids)
    assert_rate([mail.time for mail in rig.sink.mails], 2)


def test_a_slow_domain_is_in_nobodys_way(new_rig, table):
    """Nor does a mail that is for it, too, go without it. SIGHUP brings other
    limits, a file that is wrong does not."""
    table.write_text("# as they ask for\nSlow.example  30/m  -\n")
    rig = new_rig({"PACE_FILE": str(table)}).start()
    slow = send(rig, 12, "slow.example")
    both = rig.client.send(["both@example.com", "both@slow.example"])
    large = rig.client.send("large@slow.example", body="x" * 300_000)
    fast = send(rig, 30)
    completed(rig, fast)
    assert len(times(rig, "slow.example")) < 12
    told = rig.client.get(f"/api/emails/{large}/why").json
    assert told["turn_at"] and "PACE_FILE" in told["message"]
    table.write_text("* 5/s 1\nslow.example 0 -\n\nexample.com 1/s\n"
                     "a.example - 0\na_b 1 1\n* - -\n")
    told = hang_up(rig, "has another line above")
    for line in (2, 4, 5, 6, 7):
        assert f"{table}:{line}" in told, told
    assert health(rig)["pace"]["limits"] == 1
    assert rig.client.job(large)["status"] == "queued"
    table.write_text("slow.example 50/s -\n")
    hang_up(rig, "PACE_FILE was read again")
    completed(rig, [*slow, both, large])
    both = [mail.recipients for mail in rig.sink.mails
            if "both@example.com" in mail.recipients]
    assert both == [["both@example.com", "both@slow.example"]]
    assert_rate([mail.time for mail in rig.sink.mails
                 if "slow.example" in mail.recipients[-1]][:4], 0.5)


def test_mails_of_a_domain_at_a_time(new_rig, table):
    """Of all workers together; the rest hold no session."""
    table.write_text("few.example - 2\n")
    rig = new_rig({"PACE_FILE": str(table)}).start()
    rig.new_worker("two").start()
    held = rig.sink.on("dot", hold=True)
    few = send(rig, 10, "few.example")
    others = send(rig, 3)
    wait_for(lambda: held.holding == 5)
    wait_for(lambda: len([1 for job_id in few if rig.client.get(
        f"/api/emails/{job_id}/why").json["turn_at"]]) == 8)
    at_sink = [mail.recipients[0].split("@")[1] for mail in rig.sink.seen]
    assert sorted(at_sink) == 3 * ["example.com"] + 2 * ["few.example"]
    assert rig.sink.now_open <= 16 and held.holding == 5
    held.remove()
    rig.sink.on("dot", delay=0.3)
    completed(rig, few + others)
    came = sorted(times(rig, "few.example"))
    for first, third in zip(came[2:], came[4:]):  # those that were not held
        assert third - first >= 0.3, came


def test_a_worker_dies_with_mail_that_waits(new_rig):
    """Nothing of it is lost, nothing is sent twice."""
    rig = new_rig({"SEND_RATE": "10", "LEASE_TTL": "3s",
                   "UNKNOWN_GRACE": "1s"}).start()
    ids = send(rig, 60)
    rig.sink.wait(10)
    rig.worker.kill()
    rig.worker.start()
    for job_id in ids:
        rig.client.wait(job_id, "completed", seconds=120)
    copies = [mail.recipients[0] for mail in rig.sink.mails]
    # Between a dot and its reply the outcome is unknown: that one, once more.
    assert len(set(copies)) == 60 and len(copies) <= 60 + 8
    assert_rate([mail.time for mail in rig.sink.mails], 10)


@pytest.mark.parametrize("settings, words", [
    ({"SEND_RATE": "fast"}, "SEND_RATE: 'fast' is not a rate"),
    ({"SEND_RATE": "0"}, "SEND_RATE: '0' is not a rate"),
    ({"SEND_RATE": "1/d"}, "SEND_RATE: '1/d' is not a rate"),
    ({"PACE_FILE": "/none"}, "PACE_FILE: '/none' No such file"),
    ({"PACE_FILE": "here"}, ":2: 'example.com' must be followed by two words"),
])
def test_wrong_limits_are_no_start(rig, table, settings, words):
    table.write_text("* 1/s -\nexample.com 5\n")
    settings = {name: str(table) if value == "here" else value
                for name, value in settings.items()}
    for how in (["-t"], []):
        done = subprocess.run([WORKER, *how], env=rig.env | settings | {
            "STATE_DIRECTORY": str(table.parent), "PORT": "1"},
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode not in (0, -15) and words in done.stderr, done
