# SPDX-License-Identifier: MIT
"""
postrider setup where it cannot be done: it says why, and changes nothing. That
it is done, and done again, is seen where systemd is: tests/install.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from command import PROGRAM, Command

DONE, REFUSED, USAGE = range(3)
PLACES = ("/etc/postrider", "/etc/credstore", "/etc/redis",
          "/var/lib/redis/postrider", "/etc/lighttpd/conf-enabled")
NOBODY = 65534


@pytest.fixture
def postrider():
    return Command({})


@pytest.fixture(autouse=True)
def nothing_changes():
    before = state()
    yield
    assert state() == before


def state():
    """Of all that it would write to."""
    return {path: (os.stat(path).st_mtime_ns, os.stat(path).st_size)
            for place in PLACES
            for path in [place, *pathlib.Path(place).rglob("*")]
            if os.path.exists(path)}


def test_without_systemd(postrider):
    """Nothing else is looked at where nothing of it means anything."""
    if os.path.isdir("/run/systemd/system"):
        return  # then it might be done
    for words in ((), ("--dry-run",), ("--yes",), ("--relay", "mail.example")):
        said = postrider("setup", "--json", *words)
        assert said.status == REFUSED, said
        assert said.json["step"] == "host"
        assert said.json["state"] == "refused"
        assert "systemd does not run here" in said.json["message"] or (
            os.geteuid() != 0)
        assert "nothing has been changed" in said.err


def test_without_rights():
    """The program is copied to where others may run it."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program = shutil.copy(PROGRAM, folder)
        who = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
        ended = subprocess.run([program, "setup", "--dry-run"], text=True,
                               capture_output=True, timeout=60, env={}, **who)
    assert ended.returncode == REFUSED, ended
    assert "only root can do this: sudo postrider setup" in ended.stdout
    assert "nothing has been changed" in ended.stderr


@pytest.mark.parametrize("words, why", [
    (("--relay", ""), "needs a value"),
    (("--relay", "a b"), "--relay is HOST or HOST:PORT"),
    (("--relay", "https://a"), "the port is a number from 1 to 65535"),
    (("--relay", "a:0"), "the port is a number from 1 to 65535"),
    (("--relay", "[::1]:70000"), "the port is a number from 1 to 65535"),
    (("--relay-password-file", "/x"), "needs --relay-user"),
    (("--from", "nobody"), "--from is an address, or Name <address>"),
    (("--to", "nobody"), "--to is an address"),
    (("--redis-port", "none"), "--redis-port is a number from 1 to 65535"),
    (("--redis-port", "65536"), "--redis-port is a number from 1 to 65535"),
    (("--port", "1"), "is not an option"),
    (("now",), "too many arguments"),
])
def test_wrong_words(postrider, words, why):
    said = postrider("setup", "--dry-run", "--yes", *words)
    assert (said.status, said.out) == (USAGE, ""), said
    assert why in said.err and len(said.err.splitlines()) == 1
