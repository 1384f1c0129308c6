# SPDX-License-Identifier: MIT
"""Who may follow events: by a key, or in a browser by a ticket."""

import http.client
import json
import time

import pytest
from client import Client
from frames import CLOSE, TEXT, Frames, request
from keys import Keys, key_id
from live import Live
from test_live_sse import Sse

SETTINGS = {"AUTH": "required", "RESUME_WAIT": "0"}


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.new_events()
    return rig.start()


@pytest.fixture(scope="module")
def keys(rig):
    return Keys(rig)


@pytest.fixture(scope="module")
def reader(keys):
    return keys.client("read")


def refused(rig, path="/api/events", **headers):
    """(status, name) of an answer that is an error."""
    with Sse(rig.lighttpd.url, path, **headers) as peer:
        body = json.loads(peer.reply.read())
        assert body["statusCode"] == peer.reply.status
        return body["statusCode"], body["name"]


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def ticket(client):
    answer = client.ask("POST", "/api/tickets")
    assert answer.status == 201, answer
    assert answer.json["expires_in"] == 30
    return answer.json["ticket"]


def test_nobody_without_a_key(rig):
    assert refused(rig) == (401, "missing_api_key")
    assert refused(rig, "/ws") == (401, "missing_api_key")
    with Frames(rig.lighttpd.port, request()) as peer:
        assert peer.status == 401
        assert peer.headers["www-authenticate"] == "Bearer"
    assert refused(rig, Authorization="Basic eDp5") == (401, "missing_api_key")
    # Its own health is for those who run it.
    with rig.stack.services[-1].connect() as link:
        link.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200 OK" in link.recv(65536)


def test_a_key_follows(rig, keys, reader):
    sender = keys.client("send")
    with Sse(rig.lighttpd.url, **bearer(reader.key)) as sse, \
            Frames(rig.lighttpd.port, request(**bearer(reader.key))) as socket:
        assert sse.reply.status == 200 and socket.status == 101
        assert sse.next()[1] == "connection_status"
        assert json.loads(socket.read()[1])["type"] == "connection_status"
        job_id = sender.send()
        assert sse.event()[2]["job_id"] == job_id
        first, payload = socket.read()
        assert first == 0x80 | TEXT
        assert json.loads(payload)["data"]["job_id"] == job_id


def test_a_key_that_does_not(rig, keys, reader):
    wrong = reader.key[:-64] + "0" * 64
    for token in (wrong, "pr_" + "0" * 16 + reader.key[19:], "x", ""):
        name = "invalid_api_key" if token else "missing_api_key"
        assert refused(rig, **bearer(token)) == (401, name)
    assert refused(rig, **bearer(keys.add("send"))) == (
        403, "restricted_api_key")
    there = keys.add("read", networks="192.0.2.0/24")
    assert refused(rig, **bearer(there)) == (403, "restricted_api_key")
    assert refused(rig, X_Forwarded_For="192.0.2.1", **bearer(there)) == (
        403, "restricted_api_key")
    here = keys.add("read", networks="127.0.0.0/8")
    with Sse(rig.lighttpd.url, X_Forwarded_For="192.0.2.1",
             **bearer(here)) as sse:
        assert sse.reply.status == 200


@pytest.mark.parametrize("query", [
    "api_key={key}", "token={key}", "access_token=x", "authorization={key}",
    "ticket={key}", "job_id=a&anything={key}", "key=", "apikey=%70r_0"])
def test_no_key_in_a_url(rig, reader, query):
    """Also with one in the header: it is in a log by now."""
    path = "/api/events?" + query.format(key=reader.key)
    assert refused(rig, path, **bearer(reader.key)) == (
        400, "validation_error")


def test_a_ticket_is_for_once(rig, reader):
    one, other = ticket(reader), ticket(reader)
    assert one != other
    with Live(f"{rig.lighttpd.url}/ws?ticket={one}") as live:
        assert live.next()["type"] == "connection_status"
        assert refused(rig, f"/api/events?ticket={one}") == (
            401, "invalid_api_key")
        with Sse(rig.lighttpd.url, f"/api/events?ticket={other}") as sse:
            assert sse.reply.status == 200
            job_id = Keys(rig).client("send").send()
            assert sse.event()[2]["job_id"] == live.event()["job_id"] == job_id


def test_a_ticket_is_for_now(rig, reader):
    late = ticket(reader)
    store = rig.store()
    [name] = store.keys("ticket:*")
    assert late not in name and 0 < store.pttl(name) <= 30_000
    assert store.get(name) == key_id(reader.key)
    store.pexpire(name, 1)
    while store.exists(name):
        time.sleep(0.01)
    assert refused(rig, f"/api/events?ticket={late}") == (
        401, "invalid_api_key")
    for wrong in ("", "tk_0", "x" * 5000):
        assert refused(rig, f"/api/events?ticket={wrong}") == (
            401, "invalid_api_key")


def test_who_gets_tickets(rig, keys, client):
    assert client.ask("POST", "/api/tickets").status == 401
    assert keys.client("send").ask("POST", "/api/tickets").status == 403
    assert client.ask("GET", "/api/tickets").status == 401
    assert keys.client("read").ask("GET", "/api/tickets").status == 405


def test_a_revoked_key_is_cut(rig, keys, reader):
    """And its tickets are of no use; other clients stay."""
    gone = keys.client("read")
    kept = ticket(gone)
    with Sse(rig.lighttpd.url, **bearer(reader.key)) as stays, \
            Sse(rig.lighttpd.url, **bearer(gone.key)) as sse, \
            Live(f"{rig.lighttpd.url}/ws?ticket={ticket(gone)}") as live, \
            Live(f"{rig.lighttpd.url}/ws?ticket={ticket(reader)}") as other:
        assert sse.next()[1] == "connection_status"
        keys.revoke(gone.key)
        assert live.ended() == 1008
        try:
            assert sse.reply.read() == b""
        except http.client.IncompleteRead:
            pass
        job_id = keys.client("send").send()
        assert stays.event()[2]["job_id"] == job_id
        assert other.event()["job_id"] == job_id
    assert refused(rig, f"/api/events?ticket={kept}") == (
        401, "invalid_api_key")
    assert refused(rig, **bearer(gone.key)) == (401, "invalid_api_key")


def test_a_key_that_loses_its_scope_is_cut(rig, keys):
    token = keys.add("read")
    with Frames(rig.lighttpd.port, request(**bearer(token))) as peer:
        assert peer.status == 101
        rig.store().hset(f"key:{key_id(token)}", "scopes", "send")
        first, payload = peer.read()
        while first & 0xF != CLOSE:
            first, payload = peer.read()
        assert payload[:2] == (1008).to_bytes(2, "big")


def test_while_redis_is_away(rig, reader):
    """Who follows stays; who comes is told to come again."""
    with Live(f"{rig.lighttpd.url}/ws?ticket={ticket(reader)}") as live:
        assert live.next()["data"]["status"] == "connected"
        rig.redis.stop()
        assert live.next("connection_status")["data"]["status"] == "degraded"
        assert refused(rig, **bearer(reader.key)) == (
            503, "service_unavailable")
        rig.redis.start()
        assert live.next("connection_status")["data"]["status"] == "connected"
        rig.wait_ready()
        job_id = Client(reader.url, Keys(rig).add("send")).send()
        assert live.event()["job_id"] == job_id


def test_nothing_tells_a_secret(rig, reader):
    logs = "".join(path.read_text(errors="replace")
                   for path in (rig.folder / "log").glob("events*.log"))
    assert reader.key[-64:] not in logs and "tk_" not in logs
