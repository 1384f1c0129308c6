# SPDX-License-Identifier: MIT
"""Server-Sent Events: by curl, and by a client that reads line by line."""

import http.client
import json
import subprocess

import pytest
import redis

from test_live_resume import add

# Each event must come long before the next thing that is written.
SETTINGS = {"PING_INTERVAL": "1s"}


class Sse:
    def __init__(self, url, path="/api/events", **headers):
        self.link = http.client.HTTPConnection(url.removeprefix("http://"),
                                               timeout=60)
        self.link.request("GET", path, headers={
            name.replace("_", "-"): value for name, value in headers.items()})
        self.reply = self.link.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.close()

    def next(self):
        """(id, event, data) of the next event, or a comment."""
        fields = {}
        while line := self.reply.readline().decode().rstrip("\n"):
            if line.startswith(":"):
                return line
            name, _, value = line.partition(": ")
            fields[name] = value
        assert fields, "it has ended"
        return (fields.get("id"), fields["event"], json.loads(fields["data"]))

    def event(self):
        """The next of the stream: what has an id."""
        while True:
            got = self.next()
            if isinstance(got, tuple) and got[0]:
                assert got[0] == got[2]["event_id"]
                return got


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.events = rig.new_events()
    rig.start()
    rig.store = redis.Redis(port=rig.redis.port, decode_responses=True)
    yield rig
    rig.store.close()


@pytest.fixture
def sse(rig):
    with Sse(rig.lighttpd.url) as sse:
        yield sse


def test_it_is_an_event_stream(sse):
    assert sse.reply.status == 200
    assert sse.reply.headers["Content-Type"] == "text/event-stream"
    assert sse.reply.headers["Cache-Control"] == "no-store"
    last, event, data = sse.next()
    assert (last, event) == (None, "connection_status")
    assert data["status"] == "connected"


def test_each_event_arrives_at_once(rig, sse):
    """The next one happens only when this one is here."""
    for number in range(30):
        new = add(rig.store, [number], "alone")[0]
        got = sse.event()
        assert got[0] == new
        assert got[1] == ("job_status_update" if number % 3 else "job_created")


def test_a_mail_from_submission_to_the_end(client, sse):
    job_id = client.send()
    assert [sse.event()[2]["status"] for _ in range(3)] == [
        "queued", "processing", "completed"]
    assert client.job(job_id)["status"] == "completed"


def test_a_comment_now_and_then(sse):
    while sse.next() != ":":
        pass


def test_one_job(rig):
    with Sse(rig.lighttpd.url, "/api/events?job_id=one-1") as sse:
        add(rig.store, range(9), "one")
        assert [sse.event()[2]["job_id"] for _ in range(3)] == ["one-1"] * 3


def test_it_goes_on_where_it_was(rig):
    ids = add(rig.store, range(200), "on")
    with Sse(rig.lighttpd.url, "/api/events?last_event_id=1-1",
             Last_Event_ID=ids[0]) as sse:
        assert [sse.event()[0] for _ in range(199)] == ids[1:]


def test_what_is_lost_is_told(rig):
    with Sse(rig.lighttpd.url, Last_Event_ID="1-1") as sse:
        assert [sse.next()[1] for _ in range(2)] == [
            "connection_status", "resume_failed"]


@pytest.mark.parametrize("path, field", [
    ("/api/events?job_id=", "job_id"),
    ("/api/events?job_id=a/b", "job_id"),
    ("/api/events?status=queued,done", "status"),
    ("/api/events?last_event_id=5", "last_event_id"),
])
def test_a_wrong_parameter(rig, path, field):
    with Sse(rig.lighttpd.url, path) as sse:
        assert sse.reply.status == 400
        assert json.load(sse.reply)["details"][0]["field"] == field


def test_curl(rig):
    ids = add(rig.store, range(3), "curl")
    said = subprocess.run(
        ["curl", "-sS", "-N", "--noproxy", "*", "--max-time", "3", "-H",
         f"Last-Event-ID: {ids[0]}", f"{rig.lighttpd.url}/api/events"],
        capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 28, said.stderr  # it goes on: curl gave up
    got = [line[4:] for line in said.stdout.splitlines()
           if line.startswith("id: ")]
    assert got == ids[1:]


def test_away_and_back(rig):
    """What lighttpd answers while there is nobody."""
    assert rig.events.stop() == 0
    with Sse(rig.lighttpd.url) as sse:
        assert sse.reply.status == 503
        assert json.load(sse.reply)["name"] == "service_unavailable"
    rig.events.start()

    def is_back():
        with Sse(rig.lighttpd.url) as sse:
            return sse.reply.status == 200
    # lighttpd looks for it once a second.
    rig.lighttpd.wait_until(is_back, 30, "asking again")
