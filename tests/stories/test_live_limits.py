# SPDX-License-Identifier: MIT
"""What one client may cost, and which page may be one."""

import json
import os
import signal
import socket
import zlib

import pytest
import redis

from frames import PING, TEXT, Frames, frame, request
from live import Live
from test_live_resume import add, numbers, told

SETTINGS = {"RESUME_WAIT": "0", "CLIENT_BUFFER_KB": "64"}
DEFLATE = "permessage-deflate"
HOST = "events.example"


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.events = rig.new_events()
    rig.pinging = rig.new_events("pinging", PING_INTERVAL="300ms")
    rig.few = rig.new_events("few", MAX_CLIENTS="2",
                             ALLOWED_ORIGINS="https://a.example,http://b:81",
                             HANDSHAKE_TIMEOUT="300ms")
    rig.start()
    rig.store = redis.Redis(port=rig.redis.port, decode_responses=True)
    yield rig
    rig.store.close()


# -- one message, one frame

@pytest.mark.parametrize("deflates", [False, True])
def test_a_message_is_one_frame_whatever_its_size(rig, deflates):
    extensions = DEFLATE if deflates else None
    asks = request(Sec_WebSocket_Extensions=extensions)
    name = f"large-{deflates}"
    entry = {"event": json.dumps({
        "job_id": f"{name}-0", "last_error": "é" * 300_000, "seq": 1,
        "status": "queued", "timestamp": "2025-06-29T15:52:17.432Z",
        "message": ""})}
    with Frames(rig.lighttpd.port, asks) as peer:
        peer.read()
        rig.store.xadd("job_events", entry)
        first, payload = peer.read()
        assert first == 0x80 | deflates << 6 | TEXT
        assert deflates == (len(payload) < 10_000)
        if deflates:
            payload = zlib.decompressobj(wbits=-15).decompress(
                payload + b"\0\0\xff\xff")
        assert len(json.loads(payload)["data"]["last_error"]) == 300_000


@pytest.mark.parametrize("offer, taken", [
    (DEFLATE, True),
    (f"{DEFLATE}; client_max_window_bits", True),
    (f"{DEFLATE}; client_max_window_bits=10; server_no_context_takeover",
     True),
    (f"{DEFLATE}; server_max_window_bits=10, {DEFLATE}", True),
    (f"{DEFLATE}; server_max_window_bits=10", False),
    (f"{DEFLATE}; client_max_window_bits=7", False),
    (f"{DEFLATE}; unheard_of", False),
    ("x-webkit-deflate-frame", False),
])
def test_an_offer_of_compression(rig, offer, taken):
    with Frames(rig.events.connect(),
                request(Sec_WebSocket_Extensions=offer)) as peer:
        assert peer.status == 101
        assert (peer.headers.get("sec-websocket-extensions") ==
                f"{DEFLATE}; server_no_context_takeover; "
                "client_no_context_takeover") == taken
        assert ("sec-websocket-extensions" in peer.headers) == taken


def test_python_deflates_too(rig):
    with Live(f"{rig.lighttpd.url}/ws", compression="deflate") as live:
        live.say({"type": "subscribe_job", "job_id": "py-1"})
        live.next("subscribed")
        add(rig.store, range(9), "py")
        assert numbers(told(live, 3), "py") == [3, 4, 5]


# -- slow, silent, many

def wait_for_room(events):
    """Until those who left are gone."""
    def has_room():
        with Frames(events.connect()) as peer:
            return peer.status == 101
    events.wait_until(has_room, 30, "with room")


def test_a_slow_client_is_cut_and_others_are_not(rig):
    peer = rig.events.connect()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with Frames(peer) as slow, Live(f"{rig.lighttpd.url}/ws") as live:
        slow.read()
        for first in range(0, 3000, 30):
            add(rig.store, range(first, first + 30), "slow")
            assert numbers(told(live, 30), "slow") == list(
                range(first, first + 30))
        assert slow.code() == 1008
    with Live(f"{rig.lighttpd.url}/ws") as live:
        live.next("connection_status")


def test_who_does_not_answer_a_ping_is_cut(rig):
    with Frames(rig.pinging.connect()) as peer:
        peer.until(PING)
        assert peer.code() is None


def test_who_answers_stays(rig):
    with Frames(rig.pinging.connect()) as peer:
        for _ in range(5):
            peer.say(frame(10, peer.until(PING)))


def test_there_are_only_so_many(rig):
    with Frames(rig.few.connect()), Frames(rig.few.connect()):
        with Frames(rig.few.connect()) as third:
            assert third.status == 503
            assert third.headers["retry-after"]
    wait_for_room(rig.few)


def test_half_a_request_is_not_waited_for(rig):
    with rig.few.connect() as peer:
        peer.settimeout(60)
        peer.sendall(request()[:-2])
        assert peer.recv(1) == b""


# -- origins

@pytest.mark.parametrize("origin, status", [
    (None, 101),
    (f"https://{HOST}", 101),
    (f"http://{HOST.upper()}", 101),
    ("https://a.example", 101),
    ("HTTP://B:81", 101),
    ("http://a.example", 403),
    ("https://a.example.evil", 403),
    ("https://b", 403),
    (f"https://{HOST}.evil", 403),
    (f"https://x.{HOST}", 403),
    ("null", 403),
    ("https://a.example,http://b:81", 403),
    ("", 403),
])
def test_a_page_of_another_host(rig, origin, status):
    wait_for_room(rig.few)
    with Frames(rig.few.connect(), request(Origin=origin)) as peer:
        assert peer.status == status


# -- the log

def test_nothing_of_a_client_gets_into_the_log_as_it_is(rig):
    evil = "/\x1b[31m\nlevel=error"
    with Frames(rig.events.connect(), request(
            "/ws?job_id=%0Alevel%3Derror", Origin="http://x")) as peer:
        assert peer.status == 403
    with Frames(rig.events.connect()) as peer:
        peer.say(frame(TEXT, json.dumps({"type": evil}).encode()))
        while b'"error"' not in peer.until(TEXT):
            pass
    log = rig.events.log.read_text()
    assert "\x1b" not in log and "level=error" not in log


def test_a_second_signal_does_not_wait(rig):
    events = rig.new_events("impatient")
    events.start()
    with Frames(events.connect()) as peer:  # it will never close
        pid = events.pid
        os.kill(pid, signal.SIGTERM)
        assert peer.code() == 1001
        os.kill(pid, signal.SIGTERM)
        assert events.wait_end(60)
    assert events.stop() == 1
