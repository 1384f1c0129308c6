# SPDX-License-Identifier: MIT
"""What systemd is told (sd_notify(3)), by its own socket's protocol."""

import os
import signal
import socket

import pytest

WATCHDOG = 0.4  # s


class Manager:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.env = {"NOTIFY_SOCKET": str(path)}

    def hears(self, seconds=10.0):
        """The next message; "" when there is none for so long."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096).decode()
        except TimeoutError:
            return ""

    def skips(self, message):
        """The first one that is another."""
        while (heard := self.hears()) == message:
            pass
        return heard


@pytest.fixture
def manager(tmp_path):
    manager = Manager(tmp_path / "notify")
    yield manager
    manager.socket.close()


def test_the_api_is_ready_and_stops(new_rig, manager):
    rig = new_rig()
    rig.api.env |= manager.env
    rig.start()
    assert manager.hears() == "READY=1"
    rig.api.stop()
    assert manager.hears() == "STOPPING=1"


def test_the_api_feeds_the_watchdog_while_it_runs(new_rig, manager):
    rig = new_rig()
    rig.api.env |= manager.env | {"WATCHDOG_USEC": str(int(WATCHDOG * 1e6))}
    rig.start()
    assert manager.hears() == "READY=1"
    assert [manager.hears() for _ in range(3)] == ["WATCHDOG=1"] * 3
    rig.api.stop()
    assert manager.skips("WATCHDOG=1") == "STOPPING=1"


def test_the_worker_feeds_the_watchdog_while_its_loop_turns(new_rig, manager):
    rig = new_rig()
    rig.worker.env |= manager.env | {
        "WATCHDOG_USEC": str(int(WATCHDOG * 1e6))}
    rig.start()
    assert manager.hears() == "READY=1"
    assert [manager.hears() for _ in range(5)] == ["WATCHDOG=1"] * 5
    os.kill(rig.worker.pid, signal.SIGSTOP)
    while manager.hears(2 * WATCHDOG):
        pass  # what it had said before
    assert manager.hears(2 * WATCHDOG) == ""
    os.kill(rig.worker.pid, signal.SIGCONT)
    assert manager.hears() == "WATCHDOG=1"
    assert rig.worker.stop() == 0
    assert manager.skips("WATCHDOG=1") == "STOPPING=1"


def test_events_are_ready_without_redis_and_watched(new_rig, manager):
    rig = new_rig()
    events = rig.new_events()
    events.env |= manager.env | {"WATCHDOG_USEC": str(int(WATCHDOG * 1e6))}
    events.start()
    assert manager.hears() == "READY=1"
    assert [manager.hears() for _ in range(3)] == ["WATCHDOG=1"] * 3
    assert events.stop() == 0
    assert manager.skips("WATCHDOG=1") == "STOPPING=1"


def test_the_worker_is_ready_while_redis_is_away(new_rig, manager):
    """Else systemd would take an outage for a start that failed."""
    rig = new_rig()
    rig.worker.env |= manager.env
    rig.start()
    rig.worker.stop()
    while manager.hears(0.2):
        pass
    rig.redis.stop()
    rig.worker.spawn()
    assert manager.hears() == "READY=1"
    rig.redis.start()
    rig.wait_ready()
