# SPDX-License-Identifier: MIT
"""
One who follows /api/events through it all, as a browser's EventSource does: when
the line breaks it connects again and says which event was the last.
"""

import collections
import http.client
import json
import threading
import time
from urllib.parse import urlsplit

SILENCE = 3  # s: there is a comment line every PING_INTERVAL
AGAIN = 0.1  # s, before it connects again
TOLD = ("job_created", "job_status_update")


class Follower:
    def __init__(self, url):
        self.at = urlsplit(url).netloc
        self.last = "0-0"
        self.seqs = collections.defaultdict(list)  # {job id: as they came}
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        self.stopping.set()
        self.thread.join(2 * SILENCE)

    # -- in the thread

    def run(self):
        while not self.stopping.is_set():
            try:
                self.follow()
            except (OSError, http.client.HTTPException):
                time.sleep(AGAIN)

    def follow(self):
        link = http.client.HTTPConnection(self.at, timeout=SILENCE)
        try:
            link.request("GET", "/api/events",
                         headers={"Last-Event-ID": self.last})
            reply = link.getresponse()
            if reply.status != 200:
                raise ConnectionError(reply.status)
            fields = {}
            while not self.stopping.is_set():
                line = reply.readline()
                if not line:
                    raise ConnectionError("the end")
                name, _, value = line.decode().strip().partition(": ")
                if name:
                    fields[name] = value
                    continue
                self.take(fields)
                fields = {}
        finally:
            link.close()

    def take(self, fields):
        if fields.get("event") in TOLD:
            event = json.loads(fields["data"])
            self.seqs[event["job_id"]].append(event["seq"])
            self.last = fields["id"]
