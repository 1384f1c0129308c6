# SPDX-License-Identifier: MIT
# ctest: LABELS demo TIMEOUT 900 PROCESSORS 2
"""demo.sh as a newcomer runs it."""

import ctypes
import json
import os
import pathlib
import shlex
import signal
import subprocess

import pytest

from client import Client
from leftovers import MARK
from rig import ROOT

CLONE_NEWNET = 0x40000000


@pytest.fixture(scope="module", autouse=True)
def quiet_network():
    """A network of our own where that is allowed: `ss` then shows nobody
    else's ports, and the default ports are free."""
    libc = ctypes.CDLL(None, use_errno=True)
    common = os.open("/proc/self/ns/net", os.O_RDONLY)
    if libc.unshare(CLONE_NEWNET) == 0:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        yield
        libc.setns(common, CLONE_NEWNET)
    else:
        yield
    os.close(common)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("demo")
    yield place
    demo("stop", DEMO_DIR=place)


@pytest.fixture(scope="module")
def ports_before():
    return listening()


def listening():
    lines = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return {line.split()[3] for line in lines}


def demo(*words, **settings):
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8",
           MARK: str(os.getpid())}
    env |= {name: str(value) for name, value in settings.items()}
    said = subprocess.run([ROOT / "demo.sh", *words], env=env, cwd="/",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=800)
    print(said.stdout)
    return said


def demo_env(folder):
    lines = (folder / "demo.env").read_text().splitlines()
    return {name: "".join(shlex.split(value))
            for name, _, value in (line.partition("=") for line in lines)}


def test_it_starts_and_sends_a_mail(folder, ports_before):
    said = demo(DEMO_DIR=folder)
    assert said.returncode == 0
    assert "Job queued" in said.stdout and "completed" in said.stdout
    assert "Subject: Greetings by Postrider" in said.stdout
    assert demo_env(folder)["API_URL"] in said.stdout
    [caught] = pathlib.Path(demo_env(folder)["CATCHER_DIR"]).glob("*.eml")
    assert "friend@example.com" in caught.name

    ours = json.loads((folder / "demo.json").read_text())["ports"]
    assert listening() - ports_before == {
        f"127.0.0.1:{port}" for port in ours.values()}
    assert ports_before <= listening()


def test_a_second_run_does_no_harm(folder):
    before = demo_env(folder)
    said = demo(DEMO_DIR=folder)
    assert said.returncode == 0
    assert "running already" in said.stdout
    assert demo_env(folder) == before
    assert demo("status", DEMO_DIR=folder).returncode == 0


def test_what_has_died_is_started_again(folder):
    before = demo_env(folder)
    for name in ("API_PID", "REDIS_PID"):
        os.kill(int(before[name]), signal.SIGKILL)
    assert demo("status", DEMO_DIR=folder).returncode != 0
    assert demo(DEMO_DIR=folder).returncode == 0
    after = demo_env(folder)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"API_PID", "REDIS_PID"}
    client = Client(after["API_URL"])
    client.wait(client.send("later@example.com"), "completed")
    assert client.history(limit=1)["total"] == 2, "Redis forgot a mail"


def test_a_given_port_that_is_taken(folder, tmp_path):
    taken = demo_env(folder)["API_URL"]
    said = demo(DEMO_DIR=tmp_path, API_URL=taken)
    assert said.returncode != 0
    port = taken.rpartition(":")[2]
    assert f"Port {port}, which API_URL asks for, is taken" in said.stdout
    assert not (tmp_path / "demo.env").exists()


def test_a_second_demo_on_given_services(folder, tmp_path):
    """Default ports that are taken are passed over."""
    first = demo_env(folder)
    shared = {name: first[name] for name in (
        "REDIS_URL", "RABBITMQ_URL", "SMTP_HOST", "SMTP_PORT")}
    said = demo(DEMO_DIR=tmp_path, **shared)
    try:
        assert said.returncode == 0
        second = demo_env(tmp_path)
        assert second["API_URL"] != first["API_URL"]
        assert "API listens on port" in said.stdout
        assert not {"REDIS_PID", "RABBITMQ_PID", "CATCHER_PID"} & set(second)
    finally:
        assert demo("stop", DEMO_DIR=tmp_path).returncode == 0


def test_stop_ends_all_of_it(folder, ports_before):
    said = demo("stop", DEMO_DIR=folder)
    assert said.returncode == 0
    assert listening() == ports_before
    assert "not running" in demo("stop", DEMO_DIR=folder).stdout
    assert demo("status", DEMO_DIR=folder).returncode == 3
