# SPDX-License-Identifier: MIT
"""Many mails in one request: all or none, or those that are fine."""

import base64
import contextlib
import email
import email.policy

import pytest
from proxy import Proxy

MOST = 1000
SETTINGS = {"ACCEPT_TIMEOUT": "5s"}


def mail(name, **more):
    return {"to": f"{name}@example.com", "subject": f"About {name}",
            "body": "Hello\n"} | more


@pytest.fixture
def batch(client):
    def batch(mails, key=None, **headers):
        if key:
            headers["Idempotency-Key"] = key
        return client.ask("POST", "/api/emails/batch", mails, headers={
            name.replace("_", "-"): value for name, value in headers.items()})
    return batch


def ids(answer):
    return [one["id"] for one in answer.json["data"]]


def subjects(client, answer):
    return [client.job(job_id)["subject"] for job_id in ids(answer)]


def is_replay(answer):
    return answer.headers["Idempotency-Replayed"] == "true"


def test_as_many_as_are_allowed(rig, client, batch):
    before = len(rig.sink.wait(0))
    answer = batch([mail(f"most-{n}") for n in range(MOST)])
    assert answer.status == 201 and list(answer.json) == ["data"]
    assert len(set(ids(answer))) == MOST == len(ids(answer))
    assert ids(answer) == sorted(ids(answer))
    for n in (0, 1, 499, MOST - 1):
        job = client.wait(ids(answer)[n], "completed")
        assert job["to"] == [f"most-{n}@example.com"]
    mails = rig.sink.wait(before + MOST, 60)[before:]
    assert sorted(one.recipients[0] for one in mails) == sorted(
        f"most-{n}@example.com" for n in range(MOST))


def test_attachments(rig, client, batch):
    before = len(rig.sink.wait(0))
    files = [bytes([n]) * 200_000 for n in range(3)]
    answer = batch([mail(f"file-{n}", attachments=[
        {"filename": "a.bin", "content": base64.b64encode(file).decode()}])
        for n, file in enumerate(files)])
    for job_id in ids(answer):
        client.wait(job_id, "completed")
    got = {}
    for one in rig.sink.wait(before + 3)[before:]:
        message = email.message_from_bytes(one.data,
                                           policy=email.policy.default)
        [part] = message.iter_attachments()
        got[one.recipients[0]] = part.get_content()
    assert got == {f"file-{n}@example.com": file
                   for n, file in enumerate(files)}


def test_it_is_bulk_mail_unless_it_says_another(rig, client, batch):
    answer = batch([mail("bulk"), mail("now", priority="high"),
                    mail("normal", priority="normal")])
    store = rig.store()
    assert [store.hget(f"job:{job_id}", "priority")
            for job_id in ids(answer)] == ["bulk", "high", None]
    for job_id in ids(answer):
        client.wait(job_id, "completed")


def test_one_fault_and_none_is_kept(client, batch):
    total = client.history()["total"]
    answer = batch([mail("fine"), mail("bad", to="nobody"), "no mail",
                    mail("worse", bodi="x")])
    assert (answer.status, answer.json["name"]) == (400, "validation_error")
    assert [it["field"] for it in answer.json["details"]] == [
        "[1].to", "[2]", "[3].bodi"]
    assert answer.json["message"].startswith("[1].to ")
    assert client.history()["total"] == total


def test_permissive_takes_what_is_fine(client, batch):
    answer = batch([mail("a"), mail("bad", to="nobody"), mail("b"), 3],
                   x_batch_validation="permissive")
    assert answer.status == 201
    assert subjects(client, answer) == ["About a", "About b"]
    assert [it["index"] for it in answer.json["errors"]] == [1, 3]
    assert answer.json["errors"][0]["message"].startswith("to ")
    assert answer.json["errors"][1]["message"] == (
        "The mail must be a JSON object, not a number")


def test_permissive_with_all_or_none_of_them_fine(client, batch):
    total = client.history()["total"]
    answer = batch([3, mail("x", to="")], x_batch_validation="permissive")
    assert (answer.status, answer.json["data"]) == (200, [])
    assert [it["index"] for it in answer.json["errors"]] == [0, 1]
    assert client.history()["total"] == total
    answer = batch([mail("c")], x_batch_validation="permissive")
    assert (answer.status, answer.json["errors"]) == (201, [])


@pytest.mark.parametrize("body, word", [
    ({"to": "a@b.c"}, "must be a list"), ([], "has 0 mails"),
    ([mail("x")] * (MOST + 1), "has 1001 mails"), (b"[", "is not valid JSON"),
    (b"", "is empty")])
def test_what_is_no_batch(client, batch, body, word):
    total = client.history()["total"]
    answer = batch(body, Content_Type="application/json")
    assert answer.status == 400 and word in answer.json["message"]
    assert answer.json["details"][0]["field"] == ""
    assert client.history()["total"] == total


def test_a_validation_that_there_is_not(batch):
    answer = batch([mail("x")], x_batch_validation="lax")
    assert answer.status == 400
    assert answer.json["details"][0]["field"] == "x-batch-validation"


def test_warnings_name_the_mail(batch):
    answer = batch([mail("w"), mail("long", subject="s" * 201)])
    assert answer.status == 201
    assert [it["field"] for it in answer.json["warnings"]] == ["[1].subject"]


def test_a_repeated_batch_gets_the_first_answer(rig, client, batch):
    mails = [mail(f"again-{n}") for n in range(MOST)]
    first = batch(mails, "again")
    total = client.history()["total"]
    for answer in (batch(mails, "again"), batch(mails, "again")):
        assert (answer.status, answer.json) == (201, first.json)
        assert is_replay(answer)
    assert client.history()["total"] == total
    store = rig.store()
    record = f"idem:{store.hget('job:' + ids(first)[0], 'idem')}"
    for job_id in ids(first):
        client.wait(job_id, "completed")
    assert 86_000 < store.ttl(record) <= 86_400
    assert is_replay(batch(mails, "again"))


@pytest.mark.parametrize("change, field", [
    (lambda mails: mails[1].update(subject="Other"), "[1].subject"),
    (lambda mails: mails[2].update(cc="x@example.com"), "[2].cc"),
    (lambda mails: mails[1].pop("from"), "[1].from"),
    (lambda mails: mails.append(mail("more")), "[3]"),
    (lambda mails: mails.pop(), "[2]"),
    (lambda mails: mails.reverse(), "[0].to"),
])
def test_another_batch_under_the_same_key(client, batch, change, field):
    key = f"other {field}"
    mails = [mail("k0"), mail("k1", **{"from": "me@example.com"}), mail("k2")]
    first = batch(mails, key)
    total = client.history()["total"]
    change(mails)
    answer = batch(mails, key)
    assert (answer.status, answer.json["name"]) == (
        409, "invalid_idempotent_request")
    assert answer.json["job_id"] == ids(first)[0]
    assert [it["field"] for it in answer.json["details"]] == [field]
    assert client.history()["total"] == total


def test_one_mail_and_a_batch_under_one_key(client, batch):
    assert client.post(mail("one"), headers={
        "Idempotency-Key": "both"}).status == 201
    answer = batch([mail("one")], "both")
    assert (answer.status, answer.json["details"][0]["field"]) == (409, "[0]")


def test_permissive_under_a_key(client, batch):
    how = {"x_batch_validation": "permissive"}
    mails = [mail("p0"), mail("p1", bodi="x"), mail("p2")]
    first = batch(mails, "permissive", **how)
    again = batch(mails, "permissive", **how)
    assert again.json == first.json and is_replay(again)
    assert subjects(client, again) == ["About p0", "About p2"]
    del mails[1]["bodi"]  # put right, it is another batch
    answer = batch(mails, "permissive", **how)
    assert (answer.status, answer.json["details"][0]["field"]) == (409, "[1]")


@contextlib.contextmanager
def held_back(new_rig, **settings):
    """A rig without a worker, whose API hears nothing of RabbitMQ."""
    rig = new_rig(settings)
    proxy = Proxy(rig.rabbitmq.port, keeps=True)
    rig.api.env["RABBITMQ_URL"] = rig.amqp_url(proxy.port)
    try:
        rig.start()
        rig.worker.stop()
        proxy.hold("down")
        yield rig, proxy
    finally:
        rig.stack.stop()
        proxy.stop()


def post(rig, mails):
    return rig.client.ask("POST", "/api/emails/batch", mails)


def test_without_a_confirm_it_is_202(new_rig):
    with held_back(new_rig, ACCEPT_TIMEOUT="500ms") as (rig, proxy):
        answer = post(rig, [mail("held-0"), mail("held-1")])
        assert answer.status == 202
        proxy.release("down")
        rig.worker.start()
        for job_id in ids(answer):
            rig.client.wait(job_id, "completed")


def test_one_commit_and_one_burst(new_rig):
    """All mails are one command of Redis, and all are on their way to RabbitMQ
    before it has confirmed any."""
    with held_back(new_rig, ACCEPT_TIMEOUT="500ms") as (rig, proxy):
        with rig.store() as store, store.monitor() as monitor:
            answer = post(rig, [mail(f"burst-{n}") for n in range(MOST)])
            assert answer.status == 202
            store.echo("the end")
            commands = []
            while not commands or "the end" not in commands[-1]:
                commands.append(monitor.next_command()["command"])
        commits = [line for line in commands if line.startswith("EVALSHA ")
                   and "burst-0@example.com" in line]
        assert len(commits) == 1
        assert all(job_id in commits[0] for job_id in ids(answer))
        rig.api.wait_until(lambda: all(
            job_id.encode() in bytes(proxy.passed["up"])
            for job_id in ids(answer)[::100] + ids(answer)[-1:]), 30, "sent")
