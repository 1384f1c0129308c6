# SPDX-License-Identifier: MIT
"""Where a measurement happens: the tree, and what run.sh made in it."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
MADE = ROOT / "build" / "bench"
PEERS = ROOT / "bench" / "peers"
POST = ROOT / "bench" / "load" / "post.lua"
RESULTS = ROOT / "bench" / "results"
POSTFIX = MADE / "postfix" / "usr"
CONNECTIONS = 32  # of the load on the API
SMTP_CONNECTIONS = 16  # to the relay


def base_env():
    return {name: value for name, value in os.environ.items()
            if name in ("PATH", "LANG", "TMPDIR", "HOME")}
