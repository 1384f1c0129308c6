# SPDX-License-Identifier: MIT
"""A client that shows the contract each request and its answer."""

import http.client
import json
from urllib.parse import urlsplit

from client import Client
from stack.answer import Answer

JSON = {"Content-Type": "application/json"}
HANDSHAKE = {"Connection": "Upgrade", "Upgrade": "websocket",
             "Sec-WebSocket-Version": "13",
             "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
             "Sec-WebSocket-Extensions": "permessage-deflate"}

MAIL = {"to": "ann@example.com", "subject": "s", "body": "b\n"}
EMAILS, BATCH, REDRIVE = "/api/emails", "/api/emails/batch", "/api/emails/redrive"
LIST, EVENTS = "/api/suppressions", ("/ws", "/api/events")


class Asker(Client):
    def __init__(self, contract, url, key=None):
        super().__init__(url, key)
        self.contract = contract

    def ask(self, method, target, data=None, headers=None, twice=(),
            length=None):
        """`twice`: headers that are sent once more; `length`: that of a body
        which does not follow, or "none"."""
        headers = dict(headers or {})
        if self.key is not None:
            headers.setdefault("Authorization", f"Bearer {self.key}")
        body = None
        if data is not None:
            body = json.dumps(data).encode()
            headers = JSON | headers
        if method != "GET" and length != "none":
            headers["Content-Length"] = length or len(body or b"")
        answer = self.exchange(method, target, body if length is None else None,
                               [*headers.items(), *twice])
        self.contract.check(method, target, answer)
        if answer.status < 300 and "x-batch-validation" not in headers:
            self.contract.check_request(method, target, data, headers)
        return answer

    def exchange(self, method, target, body, headers):
        parts = urlsplit(self.url)
        link = http.client.HTTPConnection(parts.hostname, parts.port, 60)
        try:
            link.putrequest(method, target)
            for name, value in headers:
                link.putheader(name, value)
            link.endheaders(body)
            reply = link.getresponse()
            endless = reply.headers.get("Content-Type") == "text/event-stream"
            return Answer(reply.status, reply.headers,
                          b"" if endless else reply.read())
        finally:
            link.close()

    def only(self, answer, *statuses):
        assert answer.status in statuses, answer
        return answer

    def good(self, method, target, data=None, status=200, **more):
        """The JSON of an answer that has this status."""
        return self.only(self.ask(method, target, data, **more), status).json

    def refused(self, method, target, data=None, **more):
        """(status, name) of an error."""
        answer = self.ask(method, target, data, **more)
        return answer.status, answer.json["name"]


def sample(key, job_id):
    """A good request for an operation: (method, target, data, headers)."""
    method, path = key
    target, headers = path.replace("{id}", job_id), None
    data = {
        ("POST", EMAILS): MAIL,
        ("POST", BATCH): [MAIL],
        ("POST", REDRIVE): {"status": "failed", "dry_run": True},
        ("POST", LIST): {"address": "nobody@example.com"},
        ("PATCH", "/api/emails/{id}"): {"scheduled_at": "in 1 hour"},
        ("POST", "/api/queue/pause"): {"domain": "paused.example"},
        ("POST", "/api/queue/resume"): {"domain": "paused.example"},
    }.get(key)
    if method == "DELETE":
        target += "?address=nobody@example.com"
    if path == "/ws":
        headers = HANDSHAKE
    return method, target, data, headers


def everywhere(contract, client, status, job_id, **more):
    """Each operation that may answer so answers so to a good request."""
    keys = [key for key in contract.operations
            if status in contract.statuses(key)]
    for key in keys:
        method, target, data, headers = sample(key, job_id)
        answer = client.ask(method, target, data, headers=headers, **more)
        assert answer.status == status, (key, answer)
    return keys
