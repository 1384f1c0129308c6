# SPDX-License-Identifier: MIT
"""postrider-api."""

from .on_socket import OnSocket


class Api(OnSocket):
    def __init__(self, folder, program, **how):
        super().__init__("api", folder, program, **how)
