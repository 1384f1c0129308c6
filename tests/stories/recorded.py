# SPDX-License-Identifier: MIT
"""A rig with a record, once for each database."""

import contextlib
import time

import pytest
import redis

from databases import Postgres, SqliteFile


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("database")
    if request.param == "sqlite":
        yield SqliteFile(folder)
        return
    with contextlib.closing(Closing(Postgres(folder))) as closing:
        yield closing.database.start()


class Closing:
    def __init__(self, database):
        self.database = database

    def close(self):
        self.database.remove()


@pytest.fixture(scope="module")
def rig(new_rig, database):
    rig = new_rig({"DATABASE_URL": database.url, "RECORD_INTERVAL": "50ms",
                   "RECORD_TIMEOUT": "2s",
                   "SWEEP_INTERVAL": "50ms"})
    return rig.start()


def store(rig):
    return redis.Redis.from_url(rig.redis.url, decode_responses=True)


def forget(rig, *ids):
    """As if their time was over: the sweeper does the rest."""
    with contextlib.closing(store(rig)) as client:
        known = [job_id for job_id in ids if client.exists(f"job:{job_id}")]
        for job_id in known:
            client.zadd("jobs:ended", {job_id: 1})
        deadline = time.monotonic() + 30
        while any(client.exists(f"job:{job_id}") for job_id in known):
            assert time.monotonic() < deadline, rig.worker.last_words()
            time.sleep(0.02)


def wait_recorded(rig, seconds=60):
    """Until all that has changed so far is in the record."""
    deadline = time.monotonic() + seconds
    with contextlib.closing(store(rig)) as client:
        while client.zcard("record:dirty"):
            assert time.monotonic() < deadline, rig.worker.last_words()
            time.sleep(0.02)
