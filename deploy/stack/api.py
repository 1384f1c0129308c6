# SPDX-License-Identifier: MIT
"""postrider-api on a unix socket, as its systemd unit runs it."""

import os
import socket

from .process import Process


class Api(Process):
    # Relative to the folder it runs in: a socket's path holds 107 bytes.
    path = "run/api.sock"

    def __init__(self, folder, program, **how):
        super().__init__("api", folder, **how)
        self.program = program

    def argv(self):
        return [self.program, "--socket", self.path]

    def ready(self):
        link = os.open(self.folder, os.O_PATH)
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(f"/proc/self/fd/{link}/{self.path}")
                return True
        except OSError:
            return False
        finally:
            os.close(link)
