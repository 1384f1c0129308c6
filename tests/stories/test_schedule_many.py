# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""Mails that are due in the same second: none early, none lost, none twice.
STORIES_DUE=20000 STORIES_DUE_IN=120 by hand, with -s: how late they are."""

import os
from concurrent.futures import ThreadPoolExecutor

from test_schedule import at, when

DUE = int(os.environ.get("STORIES_DUE", 400))
DUE_IN = int(os.environ.get("STORIES_DUE_IN", 15))  # s
SETTINGS = {"ACCEPT_TIMEOUT": "30s", "LOG_LEVEL": "info"}


def batch(rig, first, due):
    answer = rig.client.ask("POST", "/api/emails/batch", [
        {"to": f"many-{i}@example.com", "subject": "s", "text": "t",
         "priority": "normal", "scheduled_at": due}
        for i in range(first, min(first + 100, DUE))])
    assert answer.status in (201, 202), answer
    return [one["id"] for one in answer.json["data"]]


def test_many_in_one_second(rig):
    due = at(DUE_IN)
    with ThreadPoolExecutor(4) as posters:
        ids = [job_id for some in posters.map(
            lambda first: batch(rig, first, due), range(0, DUE, 100))
            for job_id in some]
    assert rig.client.job(ids[-1])["status"] == "scheduled", "DUE_IN is short"
    rig.sink.wait(DUE, DUE_IN + 60 + DUE / 50)
    late = sorted(mail.time - when(due) for mail in rig.sink.mails)
    assert late[0] >= -1, "early"
    assert len({mail.recipients[0] for mail in rig.sink.mails}) == DUE
    assert len(rig.sink.mails) == DUE
    for job_id in ids[::max(1, DUE // 20)]:
        assert rig.client.wait(job_id, "completed")["attempts"] == 1
    print(f"{DUE} due at once: the first {late[0]:.1f} s, half "
          f"{late[DUE // 2]:.1f} s, the last {late[-1]:.1f} s after their "
          f"time: {DUE / (late[-1] - late[0]):.0f} mails/s")
