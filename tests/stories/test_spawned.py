# SPDX-License-Identifier: MIT
"""The API as lighttpd starts it: the listening socket is its standard input."""

import os
import signal
import time

import pytest

from stack.process import start_time


@pytest.fixture(scope="module")
def rig(new_rig):
    return new_rig(spawned=True).start()


def api_pid(rig):
    """lighttpd's only child."""
    path = f"/proc/{rig.lighttpd.pid}/task/{rig.lighttpd.pid}/children"
    with open(path) as children:
        [pid] = children.read().split()
    return int(pid)


def test_a_mail_goes_through(client, rig):
    client.wait(client.send("spawned@example.com"), "completed")
    assert [mail.recipients for mail in rig.sink.mails] == [
        ["spawned@example.com"]]


def test_it_is_started_again_when_it_ends(client, rig):
    pid = api_pid(rig)
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while start_time(pid):
        assert time.monotonic() < deadline, "it does not end"
        time.sleep(0.02)
    rig.wait_ready()
    assert api_pid(rig) != pid
    client.wait(client.send("again@example.com"), "completed")
