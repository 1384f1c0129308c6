# SPDX-License-Identifier: MIT
"""The programs that only a benchmark starts."""

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


EMPTY_RESPONDER = MADE / "empty_responder"
