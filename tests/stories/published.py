# SPDX-License-Identifier: MIT
"""Programs of tests/npm, on packages as others have published them."""

import fcntl
import filecmp
import json
import os
import shutil
import subprocess

import pytest

from rig import BUILD, ROOT

SOURCE = ROOT / "tests" / "npm"
MADE = BUILD / "npm"
LOCK = "package-lock.json"
PATIENCE = 300  # s
# What npm says when the registry cannot be reached.
AWAY = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT",
        "ENETUNREACH", "ERR_SOCKET_TIMEOUT")


def install():
    """The packages of the lock file, into the build; once for all stories."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed (deploy/apt.sh peers)")
    MADE.mkdir(parents=True, exist_ok=True)
    with open(MADE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = MADE / "installed.json"
        if done.exists() and filecmp.cmp(done, SOURCE / LOCK, shallow=False):
            return
        for name in ("package.json", LOCK, ".npmrc"):
            shutil.copy(SOURCE / name, MADE)
        npm = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=MADE,
                             capture_output=True, text=True, timeout=PATIENCE)
        if npm.returncode != 0 and any(word in npm.stderr for word in AWAY):
            pytest.skip("npm's registry is away")
        assert npm.returncode == 0, npm.stderr
        shutil.copy(SOURCE / LOCK, done)


def run(program, *args, given, env=None):
    """What a program prints, as JSON; `given` to it in the same way."""
    install()
    node = subprocess.run(
        ["node", SOURCE / program, *args], input=json.dumps(given),
        env=os.environ | {"NODE_PATH": str(MADE / "node_modules")}
        | (env or {}),
        capture_output=True, text=True, timeout=PATIENCE)
    assert node.returncode == 0, node.stderr
    return json.loads(node.stdout)
