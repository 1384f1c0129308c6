# SPDX-License-Identifier: MIT
"""One HTTP request and its answer, past any proxy of the environment."""

import http.client
import json
from urllib.parse import urlsplit


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:2000]!r}>"


def ask(method, url, data=None, headers=None, timeout=30.0):
    """`data`: bytes as they are, anything else as JSON. OSError if no answer."""
    headers = dict(headers or {})
    if data is not None and not isinstance(data, bytes):
        data = json.dumps(data).encode()
        headers.setdefault("Content-Type", "application/json")
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    link = http.client.HTTPConnection(parts.hostname, parts.port or 80,
                                      timeout)
    try:
        link.request(method, path or "/", data, headers)
        reply = link.getresponse()
        return Answer(reply.status, reply.headers, reply.read())
    except http.client.HTTPException as fault:
        raise ConnectionError(f"{url}: {fault!r}") from fault
    finally:
        link.close()


def says_ok(url):
    try:
        return ask("GET", url, timeout=5).status == 200
    except OSError:
        return False


def all_up(url):
    """Whether a program is ready and so is all that it depends on (idle: it has
    asked nothing of it yet)."""
    try:
        health = ask("GET", f"{url}/health", timeout=5).json
        states = [it["status"] for it in health["dependencies"].values()]
    except (OSError, ValueError, KeyError):
        return False
    return ("up" in states and set(states) <= {"up", "idle"}
            and says_ok(f"{url}/ready"))
