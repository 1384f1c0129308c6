# SPDX-License-Identifier: MIT
"""The API in a lighttpd that has other things to serve, too."""

import json

import pytest

from client import Client
from live import Live
from stack import ports
from stack.lighttpd import CONF_DIR
from stack.process import Process

CONF = """
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{root}"
server.modules = ( "mod_fastcgi", "mod_proxy" )
server.max-request-size = 64
include "postrider.conf"
"""
OURS = {"/run/postrider/": "run/",
        "/usr/share/postrider/": f"{CONF_DIR}/"}


class HostLighttpd(Process):
    def __init__(self, folder, **how):
        super().__init__("host-lighttpd", folder, **how)
        self.port = ports.free()

    def prepare(self):
        snippet = (CONF_DIR / "postrider.conf").read_text()
        for path, here in OURS.items():
            assert path in snippet
            snippet = snippet.replace(path, here)
        (self.folder / "postrider.conf").write_text(snippet)
        (self.folder / "host.conf").write_text(CONF.format(
            port=self.port, root=self.folder))

    def argv(self):
        return ["/usr/sbin/lighttpd", "-D", "-f", self.folder / "host.conf"]

    def ready(self):
        return ports.answers(self.port)


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.events = rig.new_events()
    rig.host = HostLighttpd(rig.folder, env=rig.env, dies_with_us=True)
    rig.stack.services.append(rig.host)
    return rig.start()


@pytest.fixture
def client(rig):
    return Client(f"http://127.0.0.1:{rig.host.port}")


def test_our_paths_are_the_api(client):
    assert client.get("/ready").status == 200
    job_id = client.send("host@b.example")
    assert client.history(limit=1)["jobs"][0]["job_id"] == job_id


def test_events_are_told_as_they_happen(rig, client):
    with Live(f"{client.url}/ws") as live:
        assert live.next()["type"] == "connection_status"
        job_id = client.send("live@b.example")
        assert live.event()["job_id"] == job_id


def test_others_are_the_hosts(client):
    for path in ("/other", "/api", "/healthy", "/wsx"):
        answer = client.get(path)
        assert answer.status == 404
        assert answer.headers["Content-Type"].startswith("text/html")


def test_errors_on_our_paths_are_json(client, rig):
    large = client.ask("POST", "/api/emails", b"x" * 100_000)
    assert (large.status, large.json["name"]) == (413, "payload_too_large")
    assert rig.api.stop() == 0
    gone = client.get("/api/emails/x")
    assert (gone.status, gone.json["name"]) == (503, "service_unavailable")
    assert rig.events.stop() == 0
    gone = client.get("/api/events")
    assert (gone.status, gone.json["name"]) == (503, "service_unavailable")


@pytest.mark.parametrize("page", sorted((CONF_DIR / "errors").iterdir()),
                         ids=lambda page: page.name)
def test_every_page_has_the_shape_of_an_error(page):
    problem = json.loads(page.read_text())
    assert list(problem) == ["error", "statusCode", "name", "message",
                             "details"]
    assert page.name == f"{problem['statusCode']}.html"
    assert problem["error"] and problem["name"]
    assert problem["message"].endswith(".")
    assert problem["details"] == []
