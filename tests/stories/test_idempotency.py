# SPDX-License-Identifier: MIT
"""A request with an Idempotency-Key is one mail, however often it comes."""

import concurrent.futures
import os
import signal

import pytest
import redis

MAIL = {"to": "reader@example.com", "subject": "Reset", "body": "Hello\n"}
MANY = 50


@pytest.fixture
def post(client):
    def post(key, mail=None, **more):
        return client.post(MAIL | {"to": f"{key}@example.com"} | (mail or {}),
                           headers={"Idempotency-Key": key}, **more)
    return post


@pytest.fixture
def store(rig):
    with redis.Redis.from_url(rig.redis.url, decode_responses=True) as store:
        yield store


def is_replay(answer):
    return answer.headers["Idempotency-Replayed"] == "true"


def sent(rig, to):
    """How many mails the sink has for it."""
    return sum(to in mail.recipients for mail in rig.sink.wait(0))


def test_a_repeated_request_gets_the_first_answer(rig, client, post):
    first, *again = [post("repeated") for _ in range(3)]
    assert first.status == 201 and not is_replay(first)
    for answer in again:
        assert (answer.status, answer.json) == (201, first.json)
        assert is_replay(answer)
    client.wait(first.json["job_id"], "completed")
    late = post("repeated")
    assert (late.status, late.json, is_replay(late)) == (201, first.json, True)
    assert sent(rig, "repeated@example.com") == 1


def test_many_at_once_are_one_mail(rig, client, post):
    total = client.history()["total"]
    with concurrent.futures.ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(lambda _: post("at-once"), range(MANY)))
    assert {answer.status for answer in answers} <= {201, 202}
    [job_id] = {answer.json["job_id"] for answer in answers}
    assert [is_replay(answer) for answer in answers].count(False) == 1
    client.wait(job_id, "completed")
    assert client.history()["total"] == total + 1
    assert sent(rig, "at-once@example.com") == 1


def test_the_way_it_is_written_does_not_count(client, post):
    first = post("written")
    again = client.post(
        b' { "text": "H\\u0065llo\\n", "subject" : "Reset", '
        b'"to": [ "written@example.com" ] } ',
        headers={"Idempotency-Key": "written",
                 "Content-Type": "application/json"})
    assert (again.json, is_replay(again)) == (first.json, True)


@pytest.mark.parametrize("field, change", [
    ("to", {"to": "other@example.com", "body": "other"}),
    ("subject", {"subject": "Other", "body": "other"}),
    ("body", {"body": "other"}),
    ("from", {"from": "other@example.com"}),
])
def test_another_mail_under_the_same_key(client, post, field, change):
    first = post(f"other-{field}")
    total = client.history()["total"]
    answer = post(f"other-{field}", change)
    assert (answer.status, answer.json["name"]) == (
        409, "invalid_idempotent_request")
    assert answer.json["job_id"] == first.json["job_id"]
    [detail] = answer.json["details"]
    assert detail["field"] == field and field in answer.json["message"]
    assert client.history()["total"] == total


@pytest.mark.parametrize("key", ["k" * 257, "caf\xe9"])
def test_a_key_that_is_none(client, key):
    total = client.history()["total"]
    answer = client.post(MAIL, headers={"Idempotency-Key": key})
    assert (answer.status, answer.json["name"]) == (
        400, "invalid_idempotency_key")
    assert client.history()["total"] == total


def test_keys_at_the_limit(post):
    assert post("k" * 256, {"to": "limit@example.com"}).status == 201
    assert post("two words ~!", {"to": "limit@example.com"}).status == 201


def test_a_refused_request_uses_no_key(post):
    assert post("refused", {"to": "nobody"}).status == 400
    answer = post("refused", {"to": "somebody@example.com"})
    assert answer.status == 201 and not is_replay(answer)


def test_an_answer_that_was_lost(rig, client, post):
    """Redis takes the mail and its reply is too late: 504, then the same."""
    os.kill(rig.redis.pid, signal.SIGSTOP)
    try:
        lost = post("lost")
    finally:
        os.kill(rig.redis.pid, signal.SIGCONT)
    assert lost.status == 504
    rig.wait_ready()
    again = post("lost")
    assert again.json["job_id"] == lost.json["job_id"]
    assert is_replay(again)
    client.wait(lost.json["job_id"], "completed")
    assert sent(rig, "lost@example.com") == 1


def test_a_key_is_known_until_a_while_after_the_mail_is_over(
        rig, client, post, store):
    held = rig.sink.on("dot", hold=True)
    try:
        job_id = post("time").json["job_id"]
        client.wait(job_id, "processing")
        record = f"idem:{store.hget(f'job:{job_id}', 'idem')}"
        assert store.hget(record, ":id") == job_id
        assert store.ttl(record) == -1
    finally:
        held.remove()
    client.wait(job_id, "completed")
    assert 86_000 < store.ttl(record) <= 86_400
