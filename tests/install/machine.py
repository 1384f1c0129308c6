# SPDX-License-Identifier: MIT
"""
A tree that is booted: systemd is its process 1, nothing of the host's network
is seen in it. Commands enter its namespaces; no bus of the host is needed.
"""

import os
import pathlib
import signal
import subprocess
import time

import trees

CEILING = 300  # s, of each wait
RESTART = 133  # with which systemd-nspawn --keep-unit asks to be started anew
UP = ("running", "degraded")


def until(what, question, ceiling=CEILING):
    end = time.monotonic() + ceiling
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.2)
    raise trees.Failed(f"not in {ceiling} s: {what}")


def children(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return ""


def is_init(pid):
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    ids = [line for line in status.splitlines() if line.startswith("NSpid:")]
    return ids[0].split()[2:] == ["1"] if ids else False


class Machine:
    def __init__(self, tree, log):
        self.tree = tree
        self.log = log
        self.nspawn = None

    # -- power

    def start(self):
        with open(self.log, "a") as log:
            self.nspawn = subprocess.Popen(
                [*trees.NSPAWN, "--boot", "--private-network", "--directory",
                 self.tree, f"--machine=postrider-{os.getpid()}",
                 "--hostname=web", "--console=pipe"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        self.await_boot()
        return self

    def init(self):
        """Its process 1, as the host sees it; None while there is none."""
        if self.nspawn.poll() is not None:
            text = pathlib.Path(self.log).read_text(errors="replace")
            raise trees.Failed(f"systemd-nspawn ended:\n{text[-3000:]}")
        for pid in children(self.nspawn.pid).split():
            if is_init(pid):
                return pid
        return None

    def await_boot(self):
        until("process 1", self.init)
        until("booted", lambda: self.ask(
            "systemctl", "is-system-running") in UP)

    def reboot(self):
        self.ask("systemctl", "reboot")
        if self.nspawn.wait(CEILING) != RESTART:
            raise trees.Failed("it went down, and asked for no reboot")
        self.start()

    def cut_power(self):
        """Nothing in it is told; the disk keeps what was written to it."""
        os.kill(int(self.init()), signal.SIGKILL)
        self.nspawn.wait(CEILING)
        self.start()

    def stop(self):
        """For good; nothing in it is needed any more."""
        if self.nspawn and self.nspawn.poll() is None:
            pid = self.init()
            if pid:
                os.kill(int(pid), signal.SIGKILL)
            else:
                self.nspawn.kill()
            self.nspawn.wait(CEILING)

    # -- commands

    def words(self, *words):
        return ["nsenter", "--target", self.init() or "0", "--mount", "--uts",
                "--ipc", "--net", "--pid", "--root", "--wd", "env", "-i",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                "/sbin:/bin", "HOME=/root", *trees.ENV[1:],
                *[str(word) for word in words]]

    def run(self, *words):
        return trees.run(*self.words(*words))

    def ask(self, *words):
        """What it said, whatever its exit code."""
        return subprocess.run(
            self.words(*words), text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.strip()

    def in_its_network(self, *words):
        """The words of a program of the host that is to talk to it."""
        return ["nsenter", "--target", self.init(), "--net",
                *[str(word) for word in words]]

    def path(self, name):
        return self.tree / name.lstrip("/")
