# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""Nothing missed, nothing twice: a client that goes on where it was."""

import json
import threading

import pytest
import redis

from live import Live

EVENTS = 10_000
TOGETHER = 50
STATUSES = ["queued", "processing", "completed"]


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.events = rig.new_events()
    rig.others = rig.new_events("others")
    rig.start()
    rig.store = redis.Redis(port=rig.redis.port, decode_responses=True)
    yield rig
    rig.store.close()


@pytest.fixture
def url(rig):
    return f"{rig.lighttpd.url}/ws"


def add(store, numbers, subject="many"):
    """Events as the scripts write them, of jobs with three changes each."""
    with store.pipeline(transaction=False) as pipe:
        for number in numbers:
            job_id, seq = f"{subject}-{number // 3}", number % 3 + 1
            entry = {"seq": seq, "status": STATUSES[seq - 1],
                     "timestamp": "2025-06-29T15:52:17.432Z", "message": ""}
            pipe.hset(f"job:{job_id}", mapping={
                "status": entry["status"], "seq": seq, "subject": subject,
                "to": '["a@b.c"]', f"h{seq}": json.dumps(entry)})
            pipe.xadd("job_events", {"event": json.dumps(
                {"job_id": job_id, "last_error": None} | entry)})
        return pipe.execute()[1::2]


def told(live, count):
    return [live.event() for _ in range(count)]


def numbers(events, subject="many"):
    return [int(event["job_id"].removeprefix(f"{subject}-")) * 3
            + event["seq"] - 1 for event in events]


def test_ten_thousand_with_a_restart_in_the_middle(rig, url):
    """The client connects anew as often as it must, and counts."""
    last = add(rig.store, [0])[0]

    def write():
        with redis.Redis(port=rig.redis.port) as store:
            for first in range(1, EVENTS, TOGETHER):
                add(store, range(first, min(first + TOGETHER, EVENTS)))

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    with Live(url) as live:
        live.say({"type": "resume", "last_event_id": last})
        seen += told(live, EVENTS // 3)
        assert rig.events.stop() == 0
        while (text := live.messages.get(timeout=60)) is not None:
            message = json.loads(text)
            if message["type"].startswith("job_"):
                seen.append(message["data"])
        assert live.code == 1001
    rig.events.start()
    with Live(url) as live:
        live.say({"type": "resume", "last_event_id": seen[-1]["event_id"]})
        seen += told(live, EVENTS - 1 - len(seen))
    writer.join()
    assert numbers(seen) == list(range(1, EVENTS))
    for event in seen:
        assert [entry["seq"] for entry in event["history"]] == \
            list(range(1, event["seq"] + 1))
        assert event["subject"] == "many"


def test_an_id_holds_at_every_instance(rig, url):
    first, second = add(rig.store, range(2), "both")
    with Live(f"{url}?last_event_id={first}") as live:
        assert live.event()["event_id"] == second
    with rig.others.connect() as peer:
        peer.sendall(f"GET /api/events?last_event_id={first} HTTP/1.1\r\n"
                     f"Host: x\r\n\r\n".encode())
        peer.settimeout(60)
        got = b""
        while f"id: {second}\n".encode() not in got:
            assert (more := peer.recv(65536))
            got += more
    assert f"id: {first}\n".encode() not in got


def test_all_that_the_stream_has(rig, url):
    with Live(url) as live:
        live.say({"type": "resume", "last_event_id": "0-0"})
        assert live.event()["event_id"] == rig.store.xrange(
            "job_events", count=1)[0][0]


@pytest.mark.parametrize("last", ["1-1", "9999999999999-0"])
def test_what_the_stream_does_not_have(rig, url, last):
    add(rig.store, [0], "gone")
    with Live(url) as live:
        live.say({"type": "resume", "last_event_id": last})
        failed = live.next("resume_failed", "job_created")
        assert failed["type"] == "resume_failed"
        assert failed["data"]["last_event_id"]
        new = add(rig.store, [0], "after")[0]
        assert live.event()["event_id"] == new


def test_a_first_word_late_enough_misses_nothing(rig, url):
    """What happens before RESUME_WAIT is over comes after it."""
    with Live(url) as live:
        live.next("connection_status")
        new = add(rig.store, range(3), "early")
        assert [event["event_id"] for event in told(live, 3)] == new


def test_only_what_was_asked_for(rig, url):
    with Live(url) as one, Live(f"{url}?status=completed") as done:
        one.say({"type": "subscribe_job", "job_id": "asked-1"})
        assert one.next("subscribed")["data"] == {
            "job_id": ["asked-1"], "status": []}
        done.say({"type": "subscribe_job", "job_id": "asked-0"})
        done.say({"type": "subscribe_job", "job_id": "asked-2"})
        done.next("subscribed")
        assert done.next("subscribed")["data"] == {
            "job_id": ["asked-0", "asked-2"], "status": ["completed"]}
        add(rig.store, range(9), "asked")
        assert numbers(told(one, 3), "asked") == [3, 4, 5]
        assert numbers(told(done, 2), "asked") == [2, 8]
        one.say({"type": "subscribe", "status": ["completed", "failed"]})
        assert one.next("subscribed")["data"]["status"] == [
            "completed", "failed"]
        add(rig.store, range(3, 6), "asked")
        assert numbers(told(one, 1), "asked") == [5]


@pytest.mark.parametrize("message", [
    "", "x", "[]", '{"type":"pong"}', '{"type":7}', '{"type":"ping"} x',
    '{"type":"subscribe_job"}', '{"type":"subscribe_job","job_id":"a b"}',
    '{"type":"subscribe","status":"failed"}',
    '{"type":"subscribe","status":["done"]}',
    '{"type":"resume","last_event_id":"yesterday"}', "[" * 1000])
def test_a_message_that_is_none(url, message):
    with Live(url) as live:
        live.say(message)
        assert live.next("error")["data"]["message"]
        live.say({"type": "ping"})
        live.next("pong")


def test_too_many_jobs(rig, url):
    with Live(url) as live:
        for number in range(101):
            live.say({"type": "subscribe_job", "job_id": f"j{number}"})
        for _ in range(100):
            live.next("subscribed", "error")
        assert "MAX_SUBSCRIPTIONS" in live.next("error")["data"]["message"]
