# SPDX-License-Identifier: MIT
"""postrider-worker; several may run, each with a name of its own."""

from .answer import says_ok
from .process import Process


class Worker(Process):
    def __init__(self, folder, program, port, name="worker", **how):
        super().__init__(name, folder, **how)
        self.program = program
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.state = self.folder / name

    def prepare(self):
        self.state.mkdir(parents=True, exist_ok=True)

    def environment(self):
        return {"INSTANCE": self.name, "STATE_DIRECTORY": str(self.state)
                } | self.env | {"PORT": str(self.port)}

    def argv(self):
        return [self.program]

    def ready(self):
        return says_ok(f"{self.url}/ready")
