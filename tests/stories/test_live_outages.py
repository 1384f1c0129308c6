# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""Redis goes away, comes back, or is another one; clients stay."""

import shutil

import pytest
import redis

from live import Live
from test_live_resume import add, numbers, told


@pytest.fixture
def rig(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.events = rig.new_events()
    return rig.start()


@pytest.fixture
def store(rig):
    with redis.Redis(port=rig.redis.port, decode_responses=True) as store:
        yield store


@pytest.fixture
def live(rig):
    with Live(f"{rig.lighttpd.url}/ws") as live:
        assert live.next()["data"]["status"] == "connected"
        yield live


def statuses(live, count):
    return [live.next("connection_status")["data"]["status"]
            for _ in range(count)]


def test_clients_are_told_and_miss_nothing(rig, store, live):
    add(store, [0])
    assert numbers(told(live, 1)) == [0]
    rig.redis.stop()
    assert statuses(live, 1) == ["degraded"]
    with Live(f"{rig.lighttpd.url}/ws") as late:
        assert statuses(late, 1) == ["degraded"]
        rig.redis.start()
        add(store, range(1, 10))  # before or after it is noticed
        assert numbers(told(live, 9)) == list(range(1, 10))
        assert numbers(told(late, 9)) == list(range(1, 10))
    live.say({"type": "ping"})
    live.next("pong")


def test_a_resume_waits_for_redis(rig, store, live):
    ids = add(store, range(5))
    rig.redis.stop()
    assert statuses(live, 1) == ["degraded"]
    with Live(f"{rig.lighttpd.url}/ws") as late:
        late.say({"type": "resume", "last_event_id": ids[1]})
        rig.redis.start()
        assert numbers(told(late, 3)) == [2, 3, 4]


def test_it_begins_while_redis_is_away(rig, store):
    assert rig.events.stop() == 0
    rig.redis.stop()
    rig.events.start()
    with Live(f"{rig.lighttpd.url}/ws") as live:
        status = live.next()["data"]
        assert (status["status"], status["last_event_id"]) == (
            "degraded", None)
        rig.redis.start()
        assert statuses(live, 1) == ["connected"]
        live.say({"type": "resume", "last_event_id": "0-0"})
        add(store, range(3))
        assert numbers(told(live, 3)) == [0, 1, 2]


def test_a_stream_that_is_lost(rig, store, live):
    add(store, range(3))
    assert numbers(told(live, 3)) == [0, 1, 2]
    store.flushall()
    assert live.next("resume_failed")["data"]["last_event_id"] == "0-0"
    add(store, range(3), "new")
    assert numbers(told(live, 3), "new") == [0, 1, 2]


def test_a_stream_that_is_set_back(rig, store, live, tmp_path):
    """A backup is put back: what came after it is gone."""
    before = add(store, range(3))
    assert numbers(told(live, 3)) == [0, 1, 2]
    rig.redis.stop()
    shutil.copytree(rig.redis.data, tmp_path / "backup")
    rig.redis.start()
    add(store, range(3, 9))
    assert numbers(told(live, 6)) == list(range(3, 9))
    rig.redis.stop()
    shutil.rmtree(rig.redis.data)
    shutil.copytree(tmp_path / "backup", rig.redis.data)
    rig.redis.start()
    failed = live.next("resume_failed", "job_created", "job_status_update")
    assert failed["type"] == "resume_failed"
    assert failed["data"]["last_event_id"] == before[-1]
    add(store, range(3), "new")
    assert numbers(told(live, 3), "new") == [0, 1, 2]


def test_a_silent_redis_is_away(rig, live, new_rig):
    rig.redis.child.send_signal(19)  # SIGSTOP
    try:
        assert statuses(live, 1) == ["degraded"]
    finally:
        rig.redis.child.send_signal(18)  # SIGCONT
    assert statuses(live, 1) == ["connected"]


def test_its_health_says_so(rig):
    def health(path):
        peer = rig.events.connect()
        with peer, peer.makefile("rb") as reply:
            peer.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            return reply.read()
    assert b'"status":"ok"' in health("/health")
    assert b" 200 " in health("/ready")
    rig.redis.stop()
    rig.events.wait_until(lambda: b" 503 " in health("/ready"), 30, "away")
    degraded = health("/health")
    assert b" 200 " in degraded and b'"redis is away"' in degraded
    rig.redis.start()
    rig.events.wait_until(lambda: b" 200 " in health("/ready"), 30, "back")
