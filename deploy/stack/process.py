# SPDX-License-Identifier: MIT
"""
One program of the stack: a session of its own, its output in FOLDER/log, its
pid in FOLDER/run, so that a later `demo.sh stop` finds it again.
"""

import ctypes
import os
import pathlib
import signal
import subprocess
import time

from .trouble import Trouble

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def start_time(pid):
    """Clock ticks since boot (proc(5), field 22); None: no such process."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


class Process:
    """Subclasses say argv(), environment(), and when it is ready()."""

    patience = 30.0  # s until ready
    grace = 30.0  # s from SIGTERM to SIGKILL
    stdin = subprocess.DEVNULL
    mark = {}  # added to the environment of every process, to tell them by
    sessions = set()  # of all that were ever started from here

    def __init__(self, name, folder, env=None, dies_with_us=False):
        self.name = name
        self.folder = pathlib.Path(folder).resolve()
        self.env = dict(os.environ if env is None else env)
        self.dies_with_us = dies_with_us
        self.log = self.folder / "log" / f"{name}.log"
        self.pidfile = self.folder / "run" / f"{name}.pid"
        self.child = None  # Popen, when started by this very process

    def argv(self):
        raise NotImplementedError

    def environment(self):
        return self.env

    def prepare(self):
        """Files and folders that it needs."""

    def ready(self):
        return True

    # -- starting

    def start(self):
        for folder in (self.log.parent, self.pidfile.parent):
            folder.mkdir(parents=True, exist_ok=True)
        self.prepare()
        self.spawn()
        self.wait_until(self.ready, self.patience, "ready")
        return self

    def spawn(self):
        try:
            with open(self.log, "ab") as log:
                self.child = subprocess.Popen(
                    [str(word) for word in self.argv()],
                    stdin=self.stdin, stdout=log, stderr=log,
                    cwd=self.folder, env=self.environment() | self.mark,
                    start_new_session=True,
                    preexec_fn=self.follow_us if self.dies_with_us else None)
        except OSError as fault:
            raise Trouble(f"{self.name} cannot be started: {fault}.") from fault
        pid = self.child.pid
        self.sessions.add(pid)
        self.pidfile.write_text(f"{pid} {start_time(pid) or 0}\n")

    @staticmethod
    def follow_us():
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def wait_until(self, check, seconds, what):
        deadline = time.monotonic() + seconds
        while not check():
            if not self.alive():
                code = self.child.returncode if self.child else "?"
                raise Trouble(f"{self.name} ended (exit {code}) before it was "
                              f"{what}. {self.last_words()}")
            if time.monotonic() > deadline:
                raise Trouble(f"{self.name} was not {what} after "
                              f"{seconds:.0f} s. {self.last_words()}")
            time.sleep(0.05)

    def last_words(self, lines=20):
        try:
            text = self.log.read_text(errors="replace").splitlines()
        except OSError:
            text = []
        if not text:
            return f"It wrote nothing to {self.log}."
        return "\n  ".join([f"The end of {self.log}:", *text[-lines:]])

    # -- finding it again

    @property
    def pid(self):
        """Of the running process, or None."""
        if self.child:
            return self.child.pid if self.child.poll() is None else None
        try:
            pid, began = self.pidfile.read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if start_time(pid) == began else None

    def alive(self):
        return self.pid is not None

    def died(self):
        """Started by us and ended, but not by stop() or kill()."""
        return (self.child is not None and self.child.poll() is not None
                and self.pidfile.exists())

    # -- ending it

    def stop(self, how=signal.SIGTERM):
        """Its exit code, or None where that is not known. Takes its time."""
        pid = self.pid
        if pid is not None:
            os.kill(pid, how)
            if not self.wait_end(self.grace):
                self.kill_group(pid)
                self.wait_end(10)
            self.kill_group(pid)
        self.pidfile.unlink(missing_ok=True)
        return self.child.returncode if self.child else None

    def kill(self):
        return self.stop(signal.SIGKILL)

    def wait_end(self, seconds):
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    @staticmethod
    def kill_group(pid):
        """What the program started and left behind."""
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
