# SPDX-License-Identifier: MIT
"""
Mails for an API: wrk posts as fast as it is answered, paced at a given rate
(or so many mails and no more), see load/post.lua and load/paced.c.
"""

import json
import subprocess
import typing

from stack.trouble import Trouble

from .place import CONNECTIONS, MADE, POST, TEXT, base_env

AT_ONCE = 1000  # requests in hand when a rate is held: enough for any stall
NO_LIMIT = 1e9  # a rate that nothing holds


class Sent(typing.NamedTuple):
    number: int
    due: int  # us, CLOCK_MONOTONIC
    begun: int
    done: int
    status: int

    @property
    def ms(self):
        return (self.done - self.due) / 1000


def run(argv, **env):
    said = subprocess.run([str(word) for word in argv], capture_output=True,
                          text=True, env=base_env() | env, check=False)
    if said.returncode:
        raise Trouble(f"{argv[0]}: {said.stdout}{said.stderr}")
    return said.stdout


def post(url, seconds, connections=CONNECTIONS, text=TEXT, batch=None):
    """What post.lua says at the end; `batch`: mails of a request."""
    said = run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
                "--timeout", "60s", "-s", POST,
                f"{url}/api/emails{'/batch' if batch else ''}", "--", text,
                *([batch] if batch else [])])
    done = json.loads(said.strip().splitlines()[-1])
    if done["errors"]:
        raise Trouble(f"{url}: {done}")
    return done


def paced(url, rate, mails, at_once=AT_ONCE, text=TEXT):
    """A Sent for each mail; all were accepted."""
    said = run([MADE / "bench_paced", f"{url}/api/emails", rate, mails,
                at_once, text])
    sent = [Sent(*map(int, line.split())) for line in said.splitlines()]
    refused = [one for one in sent if one.status not in (201, 202)]
    if refused:
        raise Trouble(f"{url}: {len(refused)} of {mails} mails were not "
                      f"accepted; the first: {refused[0]}")
    return sent


def fill(url, mails):
    """Exactly so many, as fast as they are taken."""
    if mails > 0:
        paced(url, NO_LIMIT, mails, 2 * CONNECTIONS)
