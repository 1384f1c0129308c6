# SPDX-License-Identifier: MIT
"""One history, whether Redis still has a mail or only the record does."""

import contextlib
import random

import pytest

from recorded import (  # noqa: F401  fixtures
    database, forget, rig, store, wait_recorded)

MAILS = 60


@pytest.fixture(scope="module")
def mails(rig):
    """Of three kinds, so that Redis' part of the history has holes."""
    client = rig.client
    ids = []
    for i in range(MAILS):
        to = ["error@email.com", f"user{i}@example.com",
              ["Ada@Example.org", f"bob{i}@example.org"]][i % 3]
        ids.append(client.send(to, f"Order {i} for group{i % 5}"))
    for job_id in ids:
        client.wait(job_id, "completed", "failed", seconds=60)
    wait_recorded(rig)
    return ids


def pages(client, way="next", **query):
    """All jobs, page by page, from the newest or from the oldest on."""
    jobs = []
    while True:
        page = client.history(**query)
        part = page["jobs"]
        jobs = jobs + part if way == "next" else part + jobs
        if not page[f"{way}_cursor"] or not part:
            return jobs
        query["cursor"] = page[f"{way}_cursor"]


def ids_of(jobs):
    return [job["id"] for job in jobs]


def test_a_job_looks_the_same_when_redis_has_forgotten_it(rig, client, mails):
    chosen = mails[:6]
    before = {job_id: client.job(job_id) for job_id in chosen}
    forget(rig, *chosen)
    assert {job_id: client.job(job_id) for job_id in chosen} == before
    assert client.get("/api/emails/nobody").status == 404


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_pages_have_no_seam(rig, client, mails, limit):
    random.seed(limit)
    forget(rig, *random.sample(mails, 15))
    whole = pages(client, limit=limit)
    assert ids_of(whole) == mails[::-1]
    newest = client.history(limit=limit)
    assert newest["total"] == MAILS and not newest["total_is_estimate"]
    last = client.history(limit=1, cursor=oldest_but_one(client))
    assert last["next_cursor"] is None and ids_of(last["jobs"]) == mails[:1]
    back = pages(client, "prev", limit=limit, cursor=last["prev_cursor"])
    assert ids_of(back) == mails[:0:-1]


def oldest_but_one(client):
    return client.history(limit=MAILS - 1)["next_cursor"]


def test_no_seam_while_jobs_move_to_the_record(rig, client, mails):
    """Redis forgets behind and before the reader's back."""
    query, seen = {"limit": 5}, []
    left = list(mails)
    random.shuffle(left)
    while True:
        page = client.history(**query)
        seen += ids_of(page["jobs"])
        for _ in range(3):
            if left:
                forget(rig, left.pop())
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == mails[::-1]


def test_filters(client, mails):
    """Also over what Redis has forgotten: all of it, by now."""
    errors, users, both = mails[0::3], mails[1::3], mails[2::3]
    for query, expected in (
            ({"status": "failed"}, errors),
            ({"status": "completed"}, sorted(users + both, key=mails.index)),
            ({"reason": "rejected"}, errors),
            ({"reason": "gave_up"}, []),
            ({"to": "user4@example.com"}, mails[4:5]),
            ({"to": "Ada@EXAMPLE.org"}, both),
            ({"to": "ada@example.org"}, []),
            ({"to": "example.org"}, both),
            ({"to": "example.net"}, []),
            ({"subject": "order"}, mails),
            ({"subject": "7 ORDER"}, mails[7:8]),
            ({"subject": "group3"}, mails[3::5]),
            ({"subject": "order", "to": "email.com", "status": "failed"},
             errors),
            ({"subject": "group3", "to": "email.com"}, mails[3::15])):
        for limit in (4, 100):
            assert ids_of(pages(client, limit=limit, **query)
                          ) == expected[::-1], query
        page = client.history(**query)
        assert page["total"] == len(expected), query
        assert page.get("recorded_until", None) is None


def test_since_and_until(client, mails):
    jobs = pages(client, limit=100)
    middle = jobs[MAILS // 2]["created_at"]
    newer = client.history(since=middle, limit=500)
    older = client.history(until=middle, limit=500)
    assert ids_of(newer["jobs"] + older["jobs"]) == mails[::-1]
    assert all(job["created_at"] >= middle for job in newer["jobs"])
    assert all(job["created_at"] < middle for job in older["jobs"])


def test_the_list_of_resend(client, mails):
    answer = client.get("/api/emails", limit=10).json
    assert answer["object"] == "list" and answer["has_more"] is True
    assert ids_of(answer["data"]) == mails[:-11:-1]
    after = client.get("/api/emails", limit=500, after=mails[30]).json
    assert ids_of(after["data"]) == mails[29::-1] and not after["has_more"]
    before = client.get("/api/emails", limit=5, before=mails[30]).json
    assert ids_of(before["data"]) == mails[35:30:-1] and before["has_more"]
    assert client.get("/api/emails", after="nobody").status == 400
    assert client.get("/api/emails", after=mails[0], before=mails[1]
                      ).status == 400


def test_while_the_record_is_away(rig, client, mails, database):
    """What Redis has is told, and that it may not be all; nothing is told of
    what only the record knows."""
    new = client.wait(client.send("new@example.com"), "completed")["id"]
    wait_recorded(rig)
    if database.name == "sqlite":
        return  # readers go on: another writer is nothing to them
    with database.away():
        page = client.history(limit=10)
        assert page["incomplete"] is True and page["total_is_estimate"]
        assert new in ids_of(page["jobs"])
        assert client.job(new)["status"] == "completed"
        for path in (f"/api/emails/{mails[0]}", "/api/jobs/history?to=a@b.c"):
            assert client.get(path).status == 503
    with contextlib.suppress(AssertionError):
        client.history()  # finds that it is back
    rig.api.wait_until(lambda: "incomplete" not in client.history(), 30, "back")
    assert client.job(mails[0])["id"] == mails[0]


def test_tags(rig, client):
    """In the record, and while Redis has the mail; a name is no prefix."""
    ids = {}
    for plan, more in (("free", []), ("pro", [{"name": "vip", "value": "yes"}]),
                       ("free", [{"name": "plan-2", "value": "free"}])):
        answer = client.post({
            "to": "tagged@example.com", "subject": "Tagged", "body": "Hello",
            "tags": [{"name": "plan", "value": plan}, *more]})
        ids[answer.json["id"]] = plan
    for job_id in ids:
        client.wait(job_id, "completed")
    wait_recorded(rig)
    first, second, third = ids
    for again in range(2):
        for tag, expected in (
                ("plan", [third, second, first]), ("plan:free", [third, first]),
                ("plan:pro", [second]), ("vip", [second]), ("vip:no", []),
                ("pla", []), ("Plan", []), ("free", [])):
            page = client.history(tag=tag)
            assert ids_of(page["jobs"]) == expected, tag
            assert page["total"] == len(expected), tag
            answer = client.get("/api/emails", tag=tag, limit=2).json
            assert ids_of(answer["data"]) == expected[:2], tag
        assert ids_of(client.history(tag="plan", subject="tagged", limit=500,
                                     status="completed", to="example.com"
                                     )["jobs"]) == [third, second, first]
        forget(rig, *ids)


def test_without_a_record_filters_are_refused(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.start()
    answer = rig.client.get("/api/jobs/history", to="a@b.c")
    assert answer.status == 400
    assert answer.json["details"] == [
        {"field": "to", "message": "needs DATABASE_URL"}]
