# SPDX-License-Identifier: MIT
"""Where a measurement happens: the tree, and what run.sh made in it."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("POSTRIDER_BUILD",
                                    ROOT / "build" / "release"))
MADE = BUILD / "bench"
PEERS = ROOT / "bench" / "peers"
POST = ROOT / "bench" / "load" / "post.lua"
RESULTS = ROOT / "bench" / "results"
POSTFIX = ROOT / "build" / "bench" / "postfix" / "usr"
CONNECTIONS = 32  # of the load on the API
SMTP_CONNECTIONS = 16  # to the relay
TEXT = 1056  # bytes of a mail's text


def base_env():
    return {name: value for name, value in os.environ.items()
            if name in ("PATH", "LANG", "TMPDIR", "HOME")
            or name.endswith("SAN_OPTIONS")}
