# SPDX-License-Identifier: MIT
"""lighttpd with lighttpd/lighttpd.conf; it may start the API by itself."""

import pathlib

from . import ports
from .process import Process

CONF_DIR = pathlib.Path(__file__).resolve().parents[2] / "lighttpd"


class Lighttpd(Process):
    def __init__(self, folder, port, api_bin="", **how):
        super().__init__("lighttpd", folder, **how)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.api_bin = str(api_bin)

    def environment(self):
        return {"MAX_REQUEST_KB": "20480"} | self.env | {
            "BIND": "127.0.0.1",
            "PORT": str(self.port),
            "API_SOCKET": "run/api.sock",  # below self.folder
            "API_BIN": self.api_bin,
            "EVENTS_SOCKET": "run/events.sock",
            "LIGHTTPD_DIR": str(CONF_DIR),
        }

    def argv(self):
        return ["/usr/sbin/lighttpd", "-D", "-f", CONF_DIR / "lighttpd.conf"]

    def ready(self):
        return ports.answers(self.port)
