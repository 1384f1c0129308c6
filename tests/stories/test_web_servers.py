# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""The web servers with our site file, for programs of the host."""

import pytest

from client import Client
from keys import Keys
from live import Live
from sites import SITES
from test_live_sse import Sse

SETTINGS = {"AUTH": "required"}  # the servers must pass on who asks


@pytest.fixture(scope="module", params=SITES,
                ids=lambda site: site.__name__)
def rig(request, new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.events = rig.new_events()
    rig.site = request.param(rig.folder, env=rig.env, dies_with_us=True)
    rig.stack.services.append(rig.site)
    return rig.start()


@pytest.fixture(scope="module")
def client(rig):
    return Client(f"http://127.0.0.1:{rig.site.port}", Keys(rig).add())


def test_a_mail_is_taken_and_told_of(client):
    assert client.get("/ready").status == 200
    ticket = client.ask("POST", "/api/tickets").json["ticket"]
    with Live(f"{client.url}/ws?ticket={ticket}") as live:
        assert live.next()["type"] == "connection_status"
        job_id = client.send("site@b.example")
        assert live.event()["job_id"] == job_id
    answer = client.get(f"/api/emails/{job_id}?x=%2F")
    assert answer.json["job_id"] == job_id


def test_events_are_passed_on_at_once(client):
    with Sse(client.url, Authorization=f"Bearer {client.key}") as sse:
        job_id = client.send("stream@b.example")
        assert sse.event()[2]["job_id"] == job_id


def test_the_apis_own_errors_pass(client):
    answer = client.get("/api/emails/none")
    assert (answer.status, answer.json["name"]) == (404, "not_found")


def test_what_is_too_large_is_refused_as_json(client):
    answer = client.ask("POST", "/api/emails", b"x" * (21 << 20))
    assert (answer.status, answer.json["name"]) == (413, "payload_too_large")


def test_without_the_api_it_is_503_as_json(rig, client):
    assert rig.api.stop() == 0
    answer = client.get("/api/emails/x")
    assert (answer.status, answer.json["name"]) == (503,
                                                    "service_unavailable")
