# SPDX-License-Identifier: MIT
"""The programs that only a benchmark starts."""

import typing

from stack import ports
from stack.api import Api
from stack.process import Process

from .place import MADE, PEERS, POSTFIX, base_env


class NodeApi(Process):
    def __init__(self, folder, script, env):
        super().__init__("api", folder, env=env, dies_with_us=True)
        self.script = script
        self.port = ports.free()
        self.url = f"http://127.0.0.1:{self.port}"

    def environment(self):
        return self.env | {"PORT": str(self.port), "NODE_ENV": "production"}

    def argv(self):
        return ["node", PEERS / self.script]

    def ready(self):
        return ports.answers(self.port)


class NodeWorker(Process):
    def __init__(self, folder, script, env):
        super().__init__("worker", folder,
                         env=env | {"NODE_ENV": "production"},
                         dies_with_us=True)
        self.script = script

    def argv(self):
        return ["node", PEERS / self.script]


class EmptyResponder(Api):
    def __init__(self, folder, env):
        super().__init__(folder, MADE / "bench_empty_responder", env=env,
                         dies_with_us=True)

    def argv(self):
        return [self.program, self.path]


class SmtpSink(Process):
    """Postfix's: takes every mail and keeps none."""

    def __init__(self, folder):
        libraries = {"LD_LIBRARY_PATH": str(POSTFIX / "lib" / "postfix")}
        super().__init__("relay", folder, env=base_env() | libraries,
                         dies_with_us=True)
        self.port = ports.free()

    def argv(self):
        return [POSTFIX / "sbin" / "smtp-sink", "-u", "nobody",
                f"127.0.0.1:{self.port}", "1024"]

    def ready(self):
        return ports.answers(self.port, expect=b"220")


class Taken(typing.NamedTuple):
    subject: str  # its last word
    at: int  # us, CLOCK_MONOTONIC


class Relay(Process):
    """Ours: tells when it took which mail, and can be far away."""

    def __init__(self, folder, latency=0):
        super().__init__("relay", folder, env=base_env(), dies_with_us=True)
        self.port = ports.free()
        self.latency = latency  # ms
        self.read = 0  # bytes of its words
        self.mails = 0

    def argv(self):
        return [MADE / "bench_relay", self.port, self.latency]

    def ready(self):
        return ports.answers(self.port)

    def news(self):
        """The mails that it took since the last call."""
        with open(self.log, "rb") as log:
            log.seek(self.read)
            text = log.read()
        text = text[:text.rfind(b"\n") + 1]
        self.read += len(text)
        taken = [Taken(word, int(at)) for word, at in
                 (line.split() for line in text.decode().splitlines())]
        self.mails += len(taken)
        return taken
