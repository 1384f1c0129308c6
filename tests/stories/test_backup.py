# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""Backup and restore, and the move to PostgreSQL, as docs/operations.md says."""

import contextlib
import re
import shutil
import subprocess
from collections import Counter

import pytest

from databases import Postgres
from recorded import (  # noqa: F401  fixtures
    database, forget, store, wait_recorded)
from rig import ROOT


@pytest.fixture(scope="module")
def rig(new_rig, database):
    return new_rig({
        "DATABASE_URL": database.url, "RECORD_INTERVAL": "50ms",
        "SWEEP_INTERVAL": "50ms", "OVERDUE_AFTER": "1s"}).start()


def do(title, **env):
    """Runs the block of the page that begins so."""
    blocks = re.findall(r"```sh\n(# .*?)```",
                        (ROOT / "docs" / "operations.md").read_text(), re.S)
    (block,) = [block for block in blocks if block.startswith(f"# {title}")]
    done = subprocess.run(
        ["/bin/sh", "-euc", block], check=False, capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin"} | {name: str(value)
                                         for name, value in env.items()})
    assert done.returncode == 0 and not done.stderr, done


def whole(client):
    """All that can be asked of all mails."""
    jobs, query = [], {"limit": 500}
    while True:
        page = client.history(**query)
        jobs += page["jobs"]
        if page["next_cursor"] is None:
            return jobs, [client.job(job["id"]) for job in jobs]
        query["cursor"] = page["next_cursor"]


def test_dump_wipe_restore(rig, client, database, tmp_path):
    title = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[database.name]
    where = {"REDIS_URL": rig.redis.url, "REDIS_DIR": rig.redis.data,
             "BACKUP": tmp_path, "DATABASE_URL": database.url,
             "RECORD": getattr(database, "path", "")}
    sent = [client.send(f"sent-{i}@example.com") for i in range(20)]
    for job_id in sent:
        client.wait(job_id, "completed")
    wait_recorded(rig)
    forget(rig, *sent[::2])
    rig.worker.stop()
    waiting = [client.send(f"waiting-{i}@example.com") for i in range(10)]
    before = whole(client)

    do("backup: Redis", **where)
    do(f"backup: {title}", **where)
    rig.api.stop()
    rig.redis.stop()
    shutil.rmtree(rig.redis.data / "appendonlydir")
    wipe(database)
    rig.rabbitmq.delete_vhost(rig.vhost)
    rig.rabbitmq.add_vhost(rig.vhost)

    do(f"restore: {title}", **where)
    do("restore: Redis", **where)
    rig.redis.start()
    rig.api.start()
    rig.wait_ready()
    assert whole(client) == before
    with contextlib.closing(store(rig)) as redis:  # as if a minute had passed
        for job_id in redis.zrange("jobs:due", 0, -1):
            redis.zadd("jobs:due", {job_id: 1})
    rig.worker.start()
    for job_id in waiting:
        client.wait(job_id, "completed", seconds=90)
    copies = Counter(mail.recipients[0] for mail in rig.sink.seen)
    assert len(copies) == 30 and set(copies.values()) == {1}
    wait_recorded(rig)
    assert database.ask("SELECT status, count(*) FROM job GROUP BY status") == [
        ["completed", "30"]]


def wipe(database):
    if database.name == "sqlite":
        for path in database.path.parent.glob("record.db*"):
            path.unlink()
    else:
        database.drop()


def test_sqlite_to_postgres(rig, client, database, tmp_path):
    if database.name != "sqlite":
        return  # nothing to move
    ids = [client.send(f"move-{i}@example.com", 'Move "it", now')
           for i in range(5)]
    for job_id in ids:
        client.wait(job_id, "completed")
    wait_recorded(rig)
    forget(rig, *ids)
    before = whole(client)
    rig.worker.stop()
    rig.api.stop()
    with contextlib.ExitStack() as ends:
        server = Postgres(tmp_path)
        ends.callback(server.remove)
        server.start()
        do("move: SQLite to PostgreSQL", RECORD=database.path,
           SCHEMA=ROOT / "sql", DATABASE_URL=server.url)
        for service in (rig.api, rig.worker):
            service.env["DATABASE_URL"] = server.url
            service.start()
        rig.wait_ready()
        assert whole(client) == before
        client.wait(client.send("after@example.com"), "completed")
        wait_recorded(rig)
        assert server.ask("SELECT count(*) FROM job") == [["36"]]
        rig.worker.stop()
        rig.api.stop()
