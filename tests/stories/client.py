# SPDX-License-Identifier: MIT
"""A client of the HTTP API, as a story tells it."""

import time
from urllib.parse import urlencode

from stack.answer import ask

ENDS = ("completed", "failed", "cancelled", "unknown")


class Client:
    def __init__(self, url, key=None):
        self.url = url
        self.key = key  # an API key

    def ask(self, method, path, data=None, headers=None, **more):
        if self.key is not None:
            headers = {"Authorization": f"Bearer {self.key}"} | (headers or {})
        return ask(method, self.url + path, data, headers, **more)

    def get(self, path, **query):
        return self.ask("GET", path + (f"?{urlencode(query)}" if query else ""))

    def post(self, mail, **more):
        return self.ask("POST", "/api/emails", mail, **more)

    def send(self, to="reader@example.com", subject="A story", body="Hello\n",
             **more):
        """The id of a mail that was accepted; `more` fields."""
        answer = self.post({"to": to, "subject": subject, "body": body} | more)
        assert answer.status in (201, 202), answer
        return answer.json["job_id"]

    def job(self, job_id):
        answer = self.get(f"/api/emails/{job_id}")
        assert answer.status == 200, answer
        return answer.json

    def wait(self, job_id, *statuses, seconds=30):
        """The job, once it is in one of these statuses (or at an end)."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.get(f"/api/emails/{job_id}")
            if answer.status == 200:
                job = answer.json
                if job["status"] in (statuses or ENDS):
                    return job
                assert job["status"] not in ENDS, job
            assert time.monotonic() < deadline, answer
            time.sleep(0.05)

    def history(self, **query):
        answer = self.get("/api/jobs/history", **query)
        assert answer.status == 200, answer
        return answer.json
