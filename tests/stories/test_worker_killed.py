# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 420
"""A worker killed in the middle of its work, five times: each mail arrives,
and twice only where its history says that the outcome was unknown."""

import os
import random
from collections import Counter

ROUNDS = 5
COUNT = 200
LOW, HIGH = 20, 180
SETTINGS = {"SMTP_CONNECTIONS": "4", "UNKNOWN_GRACE": "3s", "LEASE_TTL": "3s"}


def test_kill_9_five_times(new_rig):
    seed = int(os.environ.get("STORIES_SEED", random.randrange(10 ** 6)))
    print(f"STORIES_SEED={seed}")
    chance = random.Random(seed)
    rig = new_rig().start()
    for turn in range(ROUNDS):
        a_round(rig, turn, chance.randint(LOW + 10, HIGH - 40))


def a_round(rig, turn, kill_at):
    sink = rig.sink
    before = len(sink.mails)
    slow = sink.on("dot", delay=0.01)
    ids = queue_while_stopped(rig, turn)
    sink.wait(before + kill_at)
    rig.worker.kill()
    held = len(sink.mails) - before
    assert LOW < held < HIGH, f"the sink held {held} at the kill"
    slow.remove()
    rig.worker.start()

    jobs = {to: rig.client.wait(job_id, "completed", seconds=60)
            for to, job_id in ids.items()}
    copies = Counter(mail.recipients[0] for mail in sink.seen
                     if mail.recipients[0] in ids)
    assert set(copies) == set(ids), "a mail never arrived"
    for to, count in copies.items():
        unknown = [entry for entry in jobs[to]["history"]
                   if "outcome unknown" in entry["message"]]
        assert count <= 1 + len(unknown), (to, count, jobs[to]["history"])
    assert len({mail.recipients[0] for mail in sink.mails
                if mail.recipients[0] in ids}) == COUNT


def queue_while_stopped(rig, turn):
    """So that the worker meets a full queue at its start."""
    rig.worker.stop()
    ids = {}
    for i in range(COUNT):
        to = f"r{turn}-{i}@example.com"
        ids[to] = rig.client.send(to)
    rig.worker.start()
    return ids
