# SPDX-License-Identifier: MIT
"""wrk, posting mails."""

import json
import subprocess

from stack.trouble import Trouble

from .place import CONNECTIONS, POST, base_env


def post(url, seconds):
    """What post.lua says at the end."""
    said = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", POST,
         f"{url}/api/emails"], capture_output=True, text=True,
        env=base_env(), check=False)
    if said.returncode:
        raise Trouble(f"wrk: {said.stdout}{said.stderr}")
    done = json.loads(said.stdout.strip().splitlines()[-1])
    if done["errors"]:
        raise Trouble(f"{url}: {done}")
    return done
