# SPDX-License-Identifier: MIT
"""A key's limits: requests, mails of a day; and what keeping them costs."""

import concurrent.futures

import pytest
from client import Client
from keys import Keys, key_id

SETTINGS = {"AUTH": "required"}
MAIL = {"to": "a@b.example", "subject": "s", "body": "b"}


@pytest.fixture(scope="module")
def keys(rig):
    return Keys(rig)


def limits(answer):
    return [int(answer.headers[f"ratelimit-{name}"])
            for name in ("limit", "remaining", "reset")]


def post_many(client, n):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda _: client.post(MAIL), range(n)))


def test_without_a_limit(keys):
    answer = keys.client().get("/api/stats")
    assert "ratelimit-limit" not in answer.headers


def test_requests(keys):
    """3 a day: the bucket does not fill while we look."""
    client = keys.client(rate="3/d")
    for left in (2, 1, 0):
        answer = client.get("/api/stats")
        assert answer.status == 200
        limit, remaining, reset = limits(answer)
        assert (limit, remaining) == (3, left)
        assert 0 < reset <= (3 - left) * 28_800
    for ask in (lambda: client.get("/api/stats"), lambda: client.post(MAIL),
                lambda: client.get("/nothing")):
        answer = ask()
        assert answer.status == 429
        assert answer.json["name"] == "rate_limit_exceeded"
        assert limits(answer)[:2] == [3, 0]
        assert 0 < int(answer.headers["Retry-After"]) <= 28_800
    assert keys.client(rate="3/d").get("/api/stats").status == 200


def test_it_fills_again(keys):
    client = keys.client(rate="1/s")
    assert client.get("/api/stats").status == 200
    statuses = []
    while statuses.count(200) < 2:
        statuses.append(client.get("/api/stats").status)
        assert len(statuses) < 10_000 and set(statuses) <= {200, 429}
    assert 429 in statuses


def test_no_more_than_allowed_come_through(keys):
    client = keys.client(rate="20/d")
    statuses = [answer.status for answer in post_many(client, 100)]
    assert statuses.count(201) + statuses.count(202) == 20
    assert statuses.count(429) == 80


def test_what_it_costs(rig, keys):
    """A few requests are taken at a time; refused, Redis is left alone."""
    store = rig.store()
    rig.worker.stop()  # it has calls of its own

    def takes():
        return store.info("commandstats").get("cmdstat_pexpire", {}).get(
            "calls", 0)

    plenty = keys.client("read", rate="6000/m")  # 5 are taken at a time
    before = takes()
    for _ in range(50):
        assert plenty.get("/api/stats").status == 200
    assert 10 <= takes() - before <= 50  # those of a second ago are dropped
    before, none = takes(), keys.client("read", rate="1/d")
    statuses = [none.get("/api/stats").status for _ in range(50)]
    assert statuses == [200] + [429] * 49
    assert takes() - before == 2
    rig.worker.start()


def test_a_days_mails(rig, keys):
    client = keys.client(quota="4")
    first = client.post(MAIL, headers={"Idempotency-Key": "one"})
    assert first.status in (201, 202)
    again = client.post(MAIL, headers={"Idempotency-Key": "one"})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert client.post(MAIL | {"to": ""}).status == 400
    statuses = [answer.status for answer in post_many(client, 20)]
    assert statuses.count(429) == 17, statuses
    answer = client.post(MAIL)
    assert answer.status == 429
    assert answer.json["name"] == "daily_quota_exceeded"
    assert 0 < int(answer.headers["Retry-After"]) <= 86_400
    assert client.get("/api/stats").status == 200  # reads go on
    [counter] = rig.store().keys(f"key:mails:{key_id(client.key)}:*")
    assert rig.store().get(counter) == "4"


def test_a_limit_is_no_way_to_spend_anothers(rig, keys):
    """Who knows an id alone cannot use up what the key may."""
    client = keys.client(rate="2/d")
    wrong = client.key[:-64] + "0" * 64
    for _ in range(5):
        assert Client(client.url, wrong).get("/api/stats").status == 401
    assert client.get("/api/stats").status == 200
    assert client.get("/api/stats").status == 200
    assert client.get("/api/stats").status == 429
