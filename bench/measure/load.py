# SPDX-License-Identifier: MIT
"""wrk, posting mails."""

import json
import subprocess

from stack.trouble import Trouble

from .place import CONNECTIONS, POST, base_env


def post(url, seconds, at_most=0):
    """What post.lua says at the end."""
    said = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", POST,
         f"{url}/api/emails", str(at_most)], capture_output=True, text=True,
        env=base_env() | {"POST_AT_MOST": "yes" if at_most else "no"},
        check=False)
    if said.returncode:
        raise Trouble(f"wrk: {said.stdout}{said.stderr}")
    done = json.loads(said.stdout.strip().splitlines()[-1])
    if done["errors"]:
        raise Trouble(f"{url}: {done}")
    return done
