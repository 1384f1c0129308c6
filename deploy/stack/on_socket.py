# SPDX-License-Identifier: MIT
"""A program of ours on a unix socket, as its systemd unit runs it."""

import os
import socket

from .process import Process


class OnSocket(Process):
    def __init__(self, name, folder, program, **how):
        super().__init__(name, folder, **how)
        self.program = program
        # Relative to the folder it runs in: a socket's path holds 107 bytes.
        self.path = f"run/{name}.sock"

    def argv(self):
        return [self.program, "--socket", self.path]

    def connect(self):
        """A connection to it; OSError if nobody listens."""
        link = os.open(self.folder, os.O_PATH)
        peer = socket.socket(socket.AF_UNIX)
        try:
            peer.connect(f"/proc/self/fd/{link}/{self.path}")
        except OSError:
            peer.close()
            raise
        finally:
            os.close(link)
        return peer

    def ready(self):
        try:
            self.connect().close()
        except OSError:
            return False
        return True
