# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 600
"""A Redis in cluster mode with one shard, as MemoryDB always is: the programs
work on it, and no script has two slots in one command."""

import os
import pathlib
import re
import subprocess
import sys

import one_shard
import pytest

HERE = pathlib.Path(__file__).parent
CROSSED = re.compile(r"CROSSSLOT|same slot|non local key")


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    one_shard.make(rig.redis)
    return rig.start()


def test_mail(rig, client):
    assert rig.store().info("cluster")["cluster_enabled"] == 1
    mail = {"subject": "s", "body": "b"}
    ids = [client.post(mail | {"to": f"m{i}@example.com"},
                       headers={"Idempotency-Key": f"key {i}"}).json["job_id"]
           for i in range(3)]
    batch = client.ask("POST", "/api/emails/batch", [
        mail | {"to": f"b{i}@example.com"} for i in range(40)])
    assert batch.status == 201, batch
    ids += [item["id"] for item in batch.json["data"]]
    later = client.post(mail | {"to": "later@example.com",
                                "scheduled_at": "in 1 hour"}).json["job_id"]
    first = client.post(mail | {"to": "error-1@email.com"}).json["job_id"]
    for job_id in (*ids, first):
        assert client.wait(job_id)["status"] == "completed"
    assert client.ask("POST", f"/api/emails/{later}/cancel").status == 200
    assert client.history(limit=100)["total"] == len(ids) + 2


def test_every_script():
    """Their own tests on it; these assert the rest."""
    tests = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider",
         *sorted(HERE.glob("test_*script*.py"))], text=True,
        env=os.environ | {"STORIES_REDIS": "one shard"},
        capture_output=True, timeout=500)
    crossed = CROSSED.search(tests.stdout)
    assert not crossed, tests.stdout
    passed = re.search(r"(\d+) passed", tests.stdout)
    assert passed and int(passed[1]) > 80, tests.stdout
