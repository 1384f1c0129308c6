# SPDX-License-Identifier: MIT
"""The API or Redis dies in the middle of a batch: all of it is kept, or none."""

import concurrent.futures
import contextlib
import time

import pytest
from proxy import Proxy

SETTINGS = {"ACCEPT_TIMEOUT": "20s", "REDIS_TIMEOUT": "20s"}
MANY = 500
PIECE = 4096  # bytes of a batch at a time, on its slow way to Redis


def mails(name):
    return [{"to": f"{name}-{n}@example.com", "subject": name,
             "body": "x" * 1000} for n in range(MANY)]


class Story:
    def __init__(self, rig, proxy):
        self.rig = rig
        self.proxy = proxy

    def post(self, name):
        return self.rig.client.ask(
            "POST", "/api/emails/batch", mails(name), timeout=60,
            headers={"Idempotency-Key": name})

    def until(self, check):
        deadline = time.monotonic() + 60
        while not check():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def kept(self):
        return self.rig.store().zcard("jobs:created")

    @contextlib.contextmanager
    def interrupted(self, name):
        """A batch whose answer nobody gets."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(self.post, name)
            yield
            assert answer.result().status >= 500

    def again(self, name):
        """All are there, once."""
        self.rig.wait_ready()
        answer = self.post(name)
        assert answer.status in (201, 202), answer
        ids = [one["id"] for one in answer.json["data"]]
        assert len(set(ids)) == MANY
        return ids, answer.headers["Idempotency-Replayed"] == "true"


@pytest.fixture
def story(new_rig):
    rig = new_rig()
    proxy = Proxy(rig.redis.port)
    rig.api.env["REDIS_URL"] = f"redis://127.0.0.1:{proxy.port}/0"
    rig.stack.services.remove(rig.worker)
    try:
        yield Story(rig.start(), proxy)
    finally:
        rig.stack.stop()
        proxy.stop()


def test_api_killed_while_redis_reads_it(story):
    proxy = story.proxy
    proxy.trickle("up", PIECE, 0.05)
    before = proxy.count["up"]
    with story.interrupted("cut"):
        story.until(lambda: proxy.count["up"] > before + 20 * PIECE)
        story.rig.api.kill()
        proxy.cut()  # what the kernel still had is lost, too
    proxy.trickle("up", 65536, 0)
    assert story.kept() == 0
    story.rig.api.start()
    assert story.again("cut")[1] is False
    assert story.kept() == MANY


def test_api_killed_when_redis_has_it(story):
    proxy = story.proxy
    proxy.hold("down")
    with story.interrupted("whole"):
        story.until(lambda: story.kept() == MANY)
        story.rig.api.kill()
    proxy.release("down")
    story.rig.api.start()
    ids, replayed = story.again("whole")
    assert replayed and story.kept() == MANY
    # Nobody published it: that is the sweeper's.
    story.rig.worker.start()
    try:
        mails_there = story.rig.sink.wait(MANY, 120)
        assert len({one.recipients[0] for one in mails_there}) == MANY
        assert len(mails_there) == MANY
    finally:
        story.rig.worker.stop()


def test_redis_killed_while_it_writes(story):
    """What is on disk ends in the middle of the batch."""
    rig = story.rig
    ids, _ = story.again("torn")
    rig.redis.kill()
    [log] = (rig.redis.data / "appendonlydir").glob("*.incr.aof")
    data = log.read_bytes()
    at = data.index(f"job:{ids[MANY // 2]}".encode())
    log.write_bytes(data[:at])
    rig.redis.start()
    assert story.kept() == 0
    again, replayed = story.again("torn")
    assert not replayed and not set(again) & set(ids)
    assert story.kept() == MANY


def test_redis_killed_again_and_again(story):
    """At any moment: what it has after that is whole."""
    rig = story.rig
    for n in range(4):
        name = f"again-{n}"
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(story.post, name)
            time.sleep(0.02 * n)  # any moment will do
            rig.redis.kill()
            answer.result()
        rig.redis.start()
        assert story.kept() in (n * MANY, (n + 1) * MANY)
        story.again(name)
        assert story.kept() == (n + 1) * MANY
