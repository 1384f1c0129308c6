# SPDX-License-Identifier: MIT
"""
What the programs say of an outage: their answers, /health, /ready and logs.
    watch = Watch(rig)  ...  watch.degraded("redis is away", ready=(503, 503))
"""

import time

from stack.answer import ask

GRACE = 1.0  # s: docs/protocol.md, an answer comes in ACCEPT_TIMEOUT and this
MACHINE = 0.5  # s more for two cores that do other things, too


class Watch:
    def __init__(self, rig):
        self.rig = rig
        self.urls = {"api": rig.lighttpd.url,
                     "worker": f"http://127.0.0.1:{rig.worker.port}"}
        self.services = {"api": rig.api, "worker": rig.worker}
        accept = rig.env["ACCEPT_TIMEOUT"]
        assert accept.endswith("ms"), accept
        self.patience = int(accept[:-2]) / 1000 + GRACE + MACHINE
        self.begin()

    # -- the log

    def begin(self):
        """From here on lines count."""
        self.marks = {name: service.log.stat().st_size
                      for name, service in self.services.items()}

    def lines(self, name, *texts):
        """Those of `name` since begin() that hold all texts."""
        with open(self.services[name].log, "rb") as log:
            log.seek(self.marks[name])
            text = log.read().decode(errors="replace")
        return [line for line in text.splitlines()
                if all(word in line for word in texts)]

    def told_once(self, begin, end, *names):
        """Each says `begin` and `end` once, in this order, and no warning or
        error else; the end says how long it was."""
        for name in names or self.services:
            loud = (self.lines(name, "level=warning")
                    + self.lines(name, "level=error"))
            assert len(loud) == 1 and begin in loud[0], (name, loud)
            self.until(lambda: self.lines(name, end))
            ends = self.lines(name, end)
            assert len(ends) == 1 and " after=" in ends[0], (name, ends)

    # -- health

    def health(self, name):
        answer = ask("GET", self.urls[name] + "/health",
                     timeout=self.patience)
        assert answer.status == 200, answer
        return answer.json

    def ready(self, name):
        return ask("GET", self.urls[name] + "/ready",
                   timeout=self.patience).status

    def says(self, name, reason):
        """Whether it does now; `reason` None: it is fine."""
        health = self.health(name)
        return (health["status"] == ("degraded" if reason else "ok")
                and health["reason"] == reason)

    def degraded(self, reason, ready=(503, 503)):
        """Waits until both say so; `ready`: the API's and the worker's."""
        for name, status in zip(self.services, ready):
            self.until(lambda: self.says(name, reason))
            assert self.ready(name) == status, (name, self.health(name))

    def degraded_worker(self, reason):
        """Waits until it says so, and it alone."""
        self.until(lambda: self.says("worker", reason))
        assert self.ready("worker") == 503
        assert self.says("api", None) and self.ready("api") == 200

    def fine(self):
        """Waits until both are, by themselves."""
        for name in self.services:
            self.until(lambda: self.says(name, None)
                       and self.ready(name) == 200)

    def until(self, check, seconds=30):
        deadline = time.monotonic() + seconds
        while not check():
            assert time.monotonic() < deadline, {
                name: self.health(name) for name in self.services}
            time.sleep(0.05)

    # -- mail

    def post(self, to="reader@example.com", body="Hello\n"):
        """The answer, which must be there in time."""
        return self.rig.client.post(
            {"to": to, "subject": "An outage", "body": body},
            timeout=self.patience)

    def refused(self):
        """A mail is: nothing kept, to be sent again soon."""
        answer = self.post("refused@example.com")
        assert answer.status == 503, answer
        assert answer.json["name"] == "service_unavailable"
        assert "nothing was kept" in answer.json["message"]
        assert int(answer.headers["Retry-After"]) >= 1
        return answer.json["message"]

    def accepted(self, *to, status=201):
        """{id: recipient} of mails that were."""
        ids = {}
        for recipient in to:
            answer = self.post(recipient)
            assert answer.status == status, answer
            ids[answer.json["job_id"]] = recipient
        return ids

    def sent_once(self, ids):
        """Waits until all are completed; each is at the relay once."""
        for job_id in ids:
            self.rig.client.wait(job_id, "completed")
        seen = [to for mail in self.rig.sink.seen for to in mail.recipients]
        for to in ids.values():
            assert seen.count(to) == 1, (to, seen)
        assert "refused@example.com" not in seen
