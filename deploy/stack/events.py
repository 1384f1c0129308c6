# SPDX-License-Identifier: MIT
"""postrider-events on a unix socket; several may run, one is lighttpd's."""

from .on_socket import OnSocket


class Events(OnSocket):
    def __init__(self, folder, program, name="events", **how):
        super().__init__(name, folder, program, **how)
