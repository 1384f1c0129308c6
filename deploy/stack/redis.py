# SPDX-License-Identifier: MIT
"""A Redis that keeps what it has confirmed: one fsync before each answer."""

from . import ports
from .process import Process

SETTINGS = """\
bind 127.0.0.1
port {port}
dir {folder}
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
daemonize no
"""


class Redis(Process):
    def __init__(self, folder, port, **how):
        super().__init__("redis", folder, **how)
        self.port = port
        self.url = f"redis://127.0.0.1:{port}/0"
        self.data = self.folder / "redis"
        self.options = []  # further words, for who wants to see it suffer

    def prepare(self):
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / "redis.conf").write_text(
            SETTINGS.format(port=self.port, folder=self.data))

    def argv(self):
        return ["/usr/bin/redis-server", self.data / "redis.conf",
                *self.options]

    def ready(self):
        return ports.answers(self.port, b"PING\r\n", b"+PONG")
