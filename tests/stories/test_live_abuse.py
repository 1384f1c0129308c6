# SPDX-License-Identifier: MIT
"""What no WebSocket client should send: each time the right close code."""

import os
import struct
import zlib

import pytest

from frames import (ACCEPT, BINARY, CLOSE, PING, PONG, TEXT, Frames, frame,
                    request)

SETTINGS = {"CLOSE_TIMEOUT": "30s"}
DEFLATE = "permessage-deflate"
SAYS_PING = b'{"type":"ping"}'


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.events = rig.new_events()
    return rig.start()


@pytest.fixture(params=["straight", "behind lighttpd"])
def connect(request, rig):
    """A new connection each time it is called."""
    def peer():
        return rig.events.connect() if request.param == "straight" \
            else rig.lighttpd.port
    yield lambda asks=None: Frames(peer(), asks)
    assert rig.events.alive()


def deflated(text):
    packer = zlib.compressobj(wbits=-15)
    return (packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.mark.parametrize("sent, code", [
    ([frame(TEXT, SAYS_PING, masked=False)], 1002),
    ([frame(TEXT, SAYS_PING, rsv=4)], 1002),
    ([frame(TEXT, SAYS_PING, rsv=2)], 1002),
    ([frame(TEXT, SAYS_PING, rsv=1)], 1002),
    ([frame(PING, b"", fin=False)], 1002),
    ([frame(PING, b"x" * 126)], 1002),
    ([frame(CLOSE, b"x" * 126)], 1002),
    ([frame(CLOSE, b"\3")], 1002),
    ([frame(CLOSE, struct.pack(">H", 1005))], 1002),
    ([frame(CLOSE, struct.pack(">H", 999))], 1002),
    ([frame(0, b"x")], 1002),
    ([frame(TEXT, b"{", fin=False), frame(TEXT, b"}")], 1002),
    ([frame(3, b"x")], 1002),
    ([frame(11, b"x")], 1002),
    ([frame(TEXT, b"x", length=1 << 63)], 1002),
    ([frame(TEXT, b"x", length=(1 << 63) - 1)], 1009),
    ([frame(TEXT, b"x" * (1 << 20))], 1009),
    ([frame(TEXT, b"x" * 9000, fin=False), frame(0, b"x" * 9000)], 1009),
    ([frame(TEXT, b"\xff")], 1007),
    ([frame(TEXT, b"\xed\xa0\x80")], 1007),
    ([frame(TEXT, b"\xce", fin=False), frame(0, b"\xce")], 1007),
    ([frame(TEXT, b"\xce")], 1007),
    ([frame(CLOSE, b"\3\xe8\xff")], 1007),
    ([frame(BINARY, b"x")], 1003),
    ([frame(CLOSE, struct.pack(">H", 1000) + b"bye")], 1000),
    ([frame(CLOSE)], 1005),
])
def test_a_bad_frame_is_told_by_its_code(connect, sent, code):
    with connect() as peer:
        assert peer.status == 101
        peer.say(*sent)
        assert peer.code() == code
        assert peer.read() is None


@pytest.mark.parametrize("sent, code", [
    ([frame(TEXT, deflated(b"\xff"), rsv=4)], 1007),
    ([frame(TEXT, b"\xff\xff\xff", rsv=4)], 1007),
    ([frame(TEXT, deflated(b"x" * (1 << 20)), rsv=4)], 1009),
    ([frame(PING, b"", rsv=4)], 1002),
    ([frame(TEXT, b"", fin=False), frame(0, b"", rsv=4)], 1002),
])
def test_the_same_where_messages_are_deflated(connect, sent, code):
    asks = request(Sec_WebSocket_Extensions=DEFLATE)
    with connect(asks) as peer:
        assert peer.headers["sec-websocket-extensions"].startswith(DEFLATE)
        peer.say(*sent)
        assert peer.code() == code


def test_ten_thousand_pings(connect):
    with connect() as peer:
        payloads = [b"%d" % n for n in range(10_000)]
        peer.say(*(frame(PING, payload) for payload in payloads))
        for payload in payloads:
            assert peer.until(PONG) == payload


def test_a_byte_at_a_time(connect):
    with connect() as peer:
        for byte in frame(TEXT, SAYS_PING):
            peer.say(bytes([byte]))
        while b'"pong"' not in peer.until(TEXT):
            pass


def test_a_message_in_pieces_with_pings_between(connect):
    with connect() as peer:
        peer.say(frame(TEXT, SAYS_PING[:5], fin=False), frame(PING, b"a"),
                 frame(0, b"", fin=False), frame(0, SAYS_PING[5:]))
        waits_for = {"frame", "message"}
        while waits_for:
            first, payload = peer.read()
            if first & 15 == PONG:
                assert payload == b"a"
                waits_for.remove("frame")
            elif b'"pong"' in payload:
                waits_for.remove("message")


def test_random_bytes(connect):
    for _ in range(30):
        with connect() as peer:
            peer.say(os.urandom(2000))


def test_the_key_is_answered(connect):
    with connect() as peer:
        assert peer.headers["sec-websocket-accept"] == ACCEPT


@pytest.mark.parametrize("asks, status", [
    (request(Sec_WebSocket_Version="12"), 426),
    (request(Upgrade=None, Connection="close"), 426),
    (request(Sec_WebSocket_Key="short"), 400),
    (request(Sec_WebSocket_Key=None), 400),
    (request("/ws?job_id=a%20b"), 400),
    (request("/ws?status=done"), 400),
    (request("/ws?last_event_id=now"), 400),
    (request("/wss"), 404),
    (request().replace(b"GET", b"POST", 1), 405),
    (b"GET /ws HTTP/1.1\r\n\r\n", 400),
    (b"GET /ws\r\n\r\n", 400),
    (request(Content_Length="5"), 400),
    (request(Host="a\r\nHost: b"), 400),
    (request(Cookie="x" * 20_000), 400),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
])
def test_what_is_no_request_for_it(rig, asks, status):
    with Frames(rig.events.connect(), asks) as peer:
        assert peer.status == status
        body = peer.bytes.read()
        assert b'"statusCode":%d' % status in body
