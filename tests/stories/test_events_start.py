# SPDX-License-Identifier: MIT
"""postrider-events from its command line: where it listens, and when not."""

import subprocess

import pytest

from rig import EVENTS
from stack import ports
from stack.answer import ask
from stack.process import Process


class OnPort(Process):
    def __init__(self, rig):
        self.port = ports.free()
        super().__init__("on-port", rig.folder, dies_with_us=True,
                         env=rig.env | {"EVENTS_PORT": str(self.port)})

    def argv(self):
        return [EVENTS]

    def ready(self):
        return ports.answers(self.port)


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.events = rig.new_events()
    rig.on_port = OnPort(rig)
    rig.stack.services.append(rig.on_port)
    return rig.start()


def run(rig, *words, **env):
    return subprocess.run([EVENTS, *words], cwd=rig.folder, timeout=60,
                          env=rig.env | env, capture_output=True, text=True,
                          check=False)


def test_on_a_port(rig):
    answer = ask("GET", f"http://127.0.0.1:{rig.on_port.port}/health")
    assert answer.status == 200
    assert answer.json["clients"] == {"websocket": 0, "sse": 0}
    assert answer.json["dependencies"]["redis"]["status"] == "up"


def test_a_place_that_is_taken(rig):
    said = run(rig, EVENTS_PORT=str(rig.on_port.port))
    assert said.returncode == 1 and "address already in use" in said.stderr
    said = run(rig, "--socket", rig.events.path)
    assert said.returncode == 1
    assert "another process listens on it" in said.stderr
    rig.events.connect().close()  # it was left as it is


def test_what_a_killed_one_left_is_replaced(rig):
    rig.events.kill()
    rig.events.start()
    rig.events.connect().close()
    assert rig.events.stop() == 0
    assert not (rig.folder / rig.events.path).exists()


@pytest.mark.parametrize("name, value", [
    ("ALLOWED_ORIGINS", "app.example"),
    ("ALLOWED_ORIGINS", "https://a, https://b"),
    ("ALLOWED_ORIGINS", "https://a/path"),
    ("EVENTS_HOST", "a b"),
    ("MAX_CLIENTS", "0"),
    ("REDIS_URL", "http://x"),
])
def test_wrong_settings_are_named(rig, name, value):
    said = run(rig, "-t", **{name: value})
    assert said.returncode == 1
    assert f"postrider-events: {name}" in said.stderr


def test_good_ones(rig):
    said = run(rig, "-t", ALLOWED_ORIGINS="https://a.example,http://b:81,*")
    assert (said.returncode, said.stdout) == (0, "configuration ok\n")
    assert run(rig, "--version").stdout.startswith("postrider-events ")
    assert "CLIENT_BUFFER_KB" in run(rig, "--help").stdout
