# SPDX-License-Identifier: MIT
"""A rig whose worker is set to one relay after the other."""

import re
import time

from stack.answer import ask, says_ok


def wait_for(check, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class Relayed:
    """`rig` is started; its worker is started anew for each relay."""

    def __init__(self, rig):
        self.rig = rig
        self.client = rig.client
        self.worker = rig.worker
        # Not /ready: with mails that wait, a bad relay is down at once.
        self.worker.ready = lambda: says_ok(f"{self.worker.url}/health")
        self.given = dict(rig.worker.env)
        self.log_from = 0
        self.left = []  # ids of mails that wait
        self.told = []  # all that /health said

    def use(self, relay, **settings):
        """The worker with this relay and no settings of the one before."""
        self.worker.stop()
        self.worker.env = self.given | {"SMTP_PORT": str(relay.port)
                                        } | settings
        self.log_from = self.worker.log.stat().st_size
        self.worker.start()

    def log(self):
        """What the worker logged since use()."""
        with open(self.worker.log, "rb") as log:
            log.seek(self.log_from)
            return log.read().decode(errors="replace")

    def lines(self, level, words):
        return re.findall(rf"level={level} .*{re.escape(words)}.*", self.log())

    def health(self):
        answer = ask("GET", f"{self.worker.url}/health")
        self.told.append(answer.body)
        return answer.json

    def takes(self, relay, to):
        """A mail goes through at its first attempt: what the relay has."""
        job = self.client.wait(self.client.send(to), "completed")
        assert job["attempts"] == 1, job
        [mail] = relay.taken(to)
        return mail

    def waits(self, relay, to, why, level="error", tries=3):
        """A mail waits, though it was tried several times, and nothing of it
        is burnt; `why` is told, once in the log."""
        before = relay.connections
        self.left.append(self.client.send(to))
        wait_for(lambda: relay.connections >= before + tries,
                 f"{tries} connections")
        wait_for(lambda: why in self.smtp_error(), f"{why}: {self.health()}")
        wait_for(lambda: self.health()["reason"] == "the relay is down",
                 "the reason")  # RabbitMQ may be still on its way
        assert self.health()["status"] == "degraded"
        job = self.client.job(self.left[-1])
        assert (job["status"], job["attempts"]) == ("queued", 0), job
        assert not relay.taken(to)
        told = (self.lines("error", "the relay cannot be used")
                + self.lines("warning", "relay is down"))
        assert len(told) == 1 and f"level={level} " in told[0], told
        assert why in told[0], told

    def smtp_error(self):
        return self.health()["dependencies"]["smtp"].get("error", "")

    def all_arrive(self):
        """What had to wait is sent now, each at its first attempt."""
        for job_id in self.left:
            job = self.client.wait(job_id, "completed")
            assert job["attempts"] == 1, job
        self.left.clear()
