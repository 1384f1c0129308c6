# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 400
"""What is over leaves Redis, and Redis is what it was; what is old leaves the
record."""

import contextlib
import time

from concurrent.futures import ThreadPoolExecutor

import pytest

from recorded import database, store, wait_recorded  # noqa: F401  fixtures

MAILS = 3000


@pytest.fixture(scope="module")
def rig(new_rig, database):
    return new_rig({
        "DATABASE_URL": database.url, "RECORD_INTERVAL": "50ms",
        "SWEEP_INTERVAL": "50ms", "LOG_LEVEL": "info", "JOB_TTL": "1s",
        "FAILED_TTL": "1s", "IDEMPOTENCY_TTL": "1s", "RECORD_DAYS": "30",
    }).start()


def send(rig, count):
    """With an Idempotency-Key each; until all have left Redis."""
    def post(number):
        answer = rig.client.post(
            {"to": f"user{number % 97}@example.com", "subject": "Bounded",
             "body": "Hello\n"},
            headers={"Idempotency-Key": f"{time.monotonic_ns()}-{number}"})
        assert answer.status in (201, 202), answer
    with ThreadPoolExecutor(16) as posters:
        list(posters.map(post, range(count)))
    with contextlib.closing(store(rig)) as client:
        rig.worker.wait_until(lambda: not client.exists("jobs:created"), 120,
                              "rid of them")
        rig.worker.wait_until(lambda: not client.keys("idem:*"), 30,
                              "rid of the keys")
        # What has expired counts until Redis comes by.
        rig.worker.wait_until(lambda: len(client.keys()) == client.dbsize(),
                              30, "rid of them at last")


def measure(rig):
    """Keys, and memory."""
    with contextlib.closing(store(rig)) as client:
        rig.worker.wait_until(lambda: client.xlen("job_events") <= 200, 30,
                              "rid of events")
        assert client.zcard("jobs:tombstones") <= 10  # of mail sent late
        client.memory_purge()
        return client.dbsize(), client.info("memory")["used_memory"]


def test_redis_is_what_it_was(rig, database):
    send(rig, 200)
    keys, memory = measure(rig)
    send(rig, MAILS)
    keys_after, memory_after = measure(rig)
    assert abs(keys_after - keys) <= 10
    assert memory_after <= 1.1 * memory
    assert database.ask("SELECT status, count(*) FROM job GROUP BY status") == [
        ["completed", str(MAILS + 200)]]


def test_what_is_old_leaves_the_record(rig, client, database):
    """All of it but what is not over, in steps."""
    keep = client.wait(client.send("keep@example.com", "Keep"), "completed")
    wait_recorded(rig)
    month = 31 * 24 * 3600 * 1000
    for table in ("term", "job"):
        database.ask(f"UPDATE {table} SET created_at = created_at - {month} "
                     f"WHERE {'job_id' if table == 'term' else 'id'} "
                     f"<> '{keep['id']}'")
    database.ask(f"UPDATE tally SET minute = minute - {month}")

    def left():
        return [database.ask(f"SELECT count(*) FROM {table}")[0][0]
                for table in ("job", "recipient", "attempt", "term", "tally")]

    rig.worker.wait_until(lambda: left() == ["1", "1", "1", "3", "0"], 60,
                          "rid of what is old")
    assert client.job(keep["id"]) == keep
