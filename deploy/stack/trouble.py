# SPDX-License-Identifier: MIT
"""What went wrong, as a sentence for the person who started the stack."""


class Trouble(Exception):
    pass
