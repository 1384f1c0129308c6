# SPDX-License-Identifier: MIT
"""What a running program keeps to itself: memory, secrets, files, sockets."""

import os
import pathlib

import pytest
from keys import Keys

CLOSES_ON_EXEC = 0o2000000
SECRET = "not-to-be-seen-by-anybody"
SETTINGS = {"SMTP_USERNAME": "postrider", "SMTP_PASSWORD": SECRET,
            "SMTP_TLS": "off", "AUTH": "required"}


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.new_events()
    return rig.start()


@pytest.fixture(params=["api", "worker", "events"])
def program(rig, request):
    return next(service for service in rig.stack.services
                if service.name == request.param)


def proc(program, name):
    return pathlib.Path(f"/proc/{program.pid}/{name}")


def test_no_core_and_no_look_inside(program):
    limits = proc(program, "limits").read_text()
    [line] = [line for line in limits.splitlines() if "core file" in line]
    assert line.split()[4:6] == ["0", "0"]
    # What is not dumpable belongs to root in /proc: ptrace(2).
    assert proc(program, "environ").stat().st_uid == 0
    assert proc(program, "environ").stat().st_mode & 0o777 == 0o400
    status = proc(program, "status").read_text()
    assert "NoNewPrivs:\t1" in status and "Umask:\t0027" in status


def test_no_secret_in_the_environment(rig, program):
    """It was there, and is wiped out."""
    if os.getuid() != 0:
        return  # nobody else can look
    environ = proc(program, "environ").read_bytes()
    assert b"SMTP_PASSWORD=\0" in environ and SECRET.encode() not in environ
    assert b"RABBITMQ_URL=\0" in environ and b"guest:guest" not in environ


def test_only_the_worker_should_know(rig, program):
    log = (rig.folder / "log" / f"{program.name}.log").read_text()
    warned = "a secret of the worker is in the environment" in log
    assert warned == (program.name != "worker")
    assert SECRET not in log


def peer_of(target):
    inode = target.partition("[")[2].rstrip("]")
    return [line for name in ("tcp", "tcp6", "udp", "unix")
            for line in pathlib.Path(f"/proc/net/{name}").read_text()
            .splitlines() if f" {inode} " in f"{line} "]


def test_nothing_is_inherited(program, rig):
    """Each descriptor but stdin, stdout and stderr closes on exec."""
    Keys(rig).client("send").send()  # all connections are in use
    for entry in proc(program, "fdinfo").iterdir():
        try:
            fields = dict(line.split(":\t") for line in
                          entry.read_text().splitlines()[:4])
            target = os.readlink(proc(program, "fd") / entry.name)
        except FileNotFoundError:
            continue  # closed since
        assert int(entry.name) <= 2 or (
            int(fields["flags"], 8) & CLOSES_ON_EXEC), (entry.name, target, peer_of(target))


def test_files_are_not_for_the_world(rig):
    """Those that programs of ours have made."""
    made = [*(rig.folder / "run").rglob("*"), *rig.folder.rglob("*.journal"),
            *rig.folder.rglob("state*/*")]
    ours = [path for path in made if path.suffix in (".sock", ".journal")]
    assert len(ours) >= 3
    for path in ours:
        assert path.stat().st_mode & 0o007 == 0, path
