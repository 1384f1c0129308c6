# SPDX-License-Identifier: MIT
"""postrider, the operator's command, as a story calls it."""

import json
import os
import pty
import subprocess

from rig import BUILD, SANITIZER

PROGRAM = BUILD / "ctl" / "postrider"


class Said:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return f"<{self.status} {self.out!r} {self.err!r}>"

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def json(self):
        """The one value that was printed."""
        [line] = self.lines
        return json.loads(line)

    @property
    def jsons(self):
        return [json.loads(line) for line in self.lines]


class Command:
    """`settings` are all of its environment; a call's `env` goes over them."""

    def __init__(self, settings):
        self.env = {"PATH": "/usr/bin:/bin", "TZ": "UTC"} | settings

    def __call__(self, *words, text="", env=None, seconds=60):
        done = subprocess.run(
            [PROGRAM, *map(str, words)], input=text, env=self.env | (env or {}),
            capture_output=True, text=True, timeout=seconds)
        assert not SANITIZER.search(done.stderr), done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    def at_terminal(self, *words, env=None):
        """What a person sees, stdout and stderr."""
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [PROGRAM, *map(str, words)], env=self.env | (env or {}),
            stdin=subprocess.DEVNULL, stdout=follower, stderr=follower)
        os.close(follower)
        seen = b""
        while True:
            try:
                seen += os.read(leader, 65536)
            except OSError:  # EIO: nobody has it open any more
                break
        os.close(leader)
        return Said(process.wait(60), seen.decode(), "")

    def start(self, *words):
        return subprocess.Popen([PROGRAM, *map(str, words)], env=self.env,
                                text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE)
