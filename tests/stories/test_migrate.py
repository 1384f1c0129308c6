# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""postrider queue migrate: an older deployment's classic queues, with mail."""

import json
import re
import signal
import time
import uuid

import pytest
from pika import BasicProperties

from command import Command
from stack import ports

DONE, REFUSED, USAGE, UNREACHABLE, DENIED = range(5)
QUEUE = "email_tasks"
ASIDE = f"{QUEUE}.migrating"
ALL = (QUEUE, f"{QUEUE}_high", f"{QUEUE}_bulk", "email_tasks_failed")
MAILS = 600


@pytest.fixture(scope="module")
def rig(new_rig):
    """No program of ours has declared a queue yet, the older ones have."""
    rig = new_rig()
    for one in (rig.api, rig.worker, rig.lighttpd):
        rig.stack.services.remove(one)
    rig.stack.start()
    return rig


@pytest.fixture(scope="module")
def postrider(rig):
    return Command({"RABBITMQ_URL": rig.queues.url, "REDIS_URL": rig.redis.url})


def message(i):
    job = {"job_id": str(uuid.uuid4()), "to": f"m{i}@example.com",
           "subject": f"Older {i}", "body": "Written long ago\n"}
    return {"content": job}


@pytest.fixture
def older(rig):
    """The ids of what waits in an older queue."""
    channel = rig.queues.channel()
    for queue in (*ALL, ASIDE):
        channel.queue_delete(queue)
    channel.queue_declare(QUEUE, durable=True)
    messages = [message(i) for i in range(MAILS)]
    channel.tx_select()
    for each in messages:
        channel.basic_publish("", QUEUE, json.dumps(each), BasicProperties(
            delivery_mode=2, content_type="application/json",
            headers={"older": "yes"}))
    channel.tx_commit()
    channel.connection.close()
    assert rig.queues.depth(QUEUE) == MAILS
    return [each["content"]["job_id"] for each in messages]


def states(said):
    return {line["queue"]: line["state"] for line in said.jsons}


def is_quorum(rig):
    kind = rig.rabbitmq.evaluate(
        "[amqqueue:get_type(Q) || Q <- rabbit_amqqueue:list(), "
        f"element(4, amqqueue:get_name(Q)) =:= <<\"{QUEUE}\">>, "
        "element(2, amqqueue:get_name(Q)) =:= "
        f"<<\"{rig.queues.url.rsplit('/', 1)[1]}\">>]")
    return "rabbit_quorum_queue" in kind


def taken(rig, count):
    return [(properties, json.loads(body)["content"]["job_id"])
            for properties, body in rig.queues.take(QUEUE, count)]


def test_all_is_moved_in_its_order(rig, postrider, older):
    said = postrider("queue", "migrate", "--dry-run", "--json")
    assert said.status == DONE, said
    assert states(said)[QUEUE] == "to do"
    assert rig.queues.depth(ASIDE) is None and not is_quorum(rig)
    said = postrider("queue", "migrate", "--json")
    assert said.status == DONE, said
    assert states(said)[QUEUE] == "done"
    assert said.jsons[0]["messages"] == MAILS
    assert is_quorum(rig)
    assert rig.queues.depths(*ALL) == {name: MAILS if name == QUEUE else 0
                                       for name in ALL}
    assert rig.queues.depth(ASIDE) is None
    moved = taken(rig, MAILS)
    assert [job_id for _, job_id in moved] == older
    for properties, _ in moved:
        assert properties.headers["older"] == "yes"
        assert not properties.headers.get("x-delivery-count")
        assert properties.delivery_mode == 2
        assert properties.content_type == "application/json"


def test_once_more_changes_nothing(rig, postrider, older):
    assert postrider("queue", "migrate").status == DONE
    said = postrider("queue", "migrate", "--json")
    assert said.status == DONE, said
    assert set(states(said).values()) == {"ok"}
    assert [job_id for _, job_id in taken(rig, MAILS)] == older


def test_a_bar_for_a_person(postrider, older):
    said = postrider.at_terminal("queue", "migrate")
    assert said.status == DONE, said
    bars = re.findall(r"\r\[[# ]+\] (\d+) of (\d+) moves", said.out)
    assert len(bars) > 1 and bars[-1] == (bars[-1][1], bars[-1][1]), said


def kill_when(postrider, begun):
    """kill -9 of a migration in the middle of what `begun` sees."""
    process = postrider.start("queue", "migrate")
    deadline = time.monotonic() + 60
    try:
        while not begun():
            assert process.poll() is None, "it was over before"
            assert time.monotonic() < deadline, "it has not begun"
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


class Way:
    """How far the messages are, as the depth of the queue aside tells."""

    def __init__(self, rig):
        self.rig, self.most = rig, 0

    def depth(self):
        depth = self.rig.queues.depth(ASIDE) or 0
        self.most = max(self.most, depth)
        return depth

    def aside(self):
        return self.depth() > 0

    def back(self):
        return 0 < self.depth() < self.most


def test_killed_in_the_middle_twice(rig, postrider, older):
    kill_when(postrider, Way(rig).aside)
    said = postrider("queue", "migrate", "--dry-run", "--json")
    assert states(said)[QUEUE] == "begun", said
    kill_when(postrider, Way(rig).back)
    assert postrider("queue", "migrate").status == DONE
    assert is_quorum(rig) and rig.queues.depth(ASIDE) is None
    ids = [job_id for _, job_id in taken(rig, rig.queues.depth(QUEUE))]
    assert set(ids) == set(older)
    # What was in hand at a kill is a hint more of the same job.
    assert len(ids) <= MAILS + 2 * 256


def test_each_mail_is_sent_once(rig, postrider, older):
    kill_when(postrider, Way(rig).aside)
    assert postrider("queue", "migrate").status == DONE
    before = len(rig.sink.mails)
    rig.worker.start()
    try:
        deadline = time.monotonic() + 90
        while rig.queues.depth(QUEUE) > 0 or (
                len(rig.sink.mails) - before < MAILS):
            assert time.monotonic() < deadline, len(rig.sink.mails) - before
            time.sleep(0.1)
    finally:
        assert rig.worker.stop() == 0
    sent = sorted(mail.recipients[0] for mail in rig.sink.mails[before:])
    assert sent == sorted(f"m{i}@example.com" for i in range(MAILS))


def test_a_worker_has_some_in_hand(rig, postrider, older):
    channel = rig.queues.channel()
    try:
        channel.basic_consume(QUEUE, lambda *_: None)
        said = postrider("queue", "migrate")
        assert said.status == REFUSED
        assert "postrider-worker@*" in said.err and QUEUE in said.err
    finally:
        channel.connection.close()
    assert not is_quorum(rig) and rig.queues.depth(ASIDE) is None


def test_one_at_a_time(rig, postrider, older):
    channel = rig.queues.channel()
    try:
        channel.queue_declare(f"{ASIDE}.lock", exclusive=True)
        said = postrider("queue", "migrate")
        assert said.status == UNREACHABLE
        assert "another migration runs" in said.err
    finally:
        channel.connection.close()
    assert not is_quorum(rig) and rig.queues.depth(ASIDE) is None


def test_rabbitmq_is_away(postrider):
    said = postrider("queue", "migrate", env={
        "RABBITMQ_URL": f"amqp://guest:guest@127.0.0.1:{ports.free()}"})
    assert (said.status, said.out) == (UNREACHABLE, "")
    assert "127.0.0.1" in said.err
