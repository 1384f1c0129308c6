# SPDX-License-Identifier: MIT
"""tests/skips.txt: the tests that may be skipped, each with its reason."""

import pathlib

LIST = pathlib.Path(__file__).with_name("skips.txt")


def allowed(path=LIST):
    """{name: reason}; a name without a reason is an error."""
    reasons = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.strip().partition(" ")
            if not reason.strip():
                raise ValueError(f"{path}: {name} stands there for no reason")
            reasons[name] = reason.strip()
    return reasons
