# SPDX-License-Identifier: MIT
"""
A queue that is filled to a level and emptied for a while by our workers, as the
relay saw it.
"""

import time

from . import load, proc
from .figure import OURS
from .site import wait_for


class Queue:
    def __init__(self, site):
        assert site.name == OURS
        self.site = site
        self.url = site.api()

    def fill(self, level):
        load.fill(self.url, level - self.site.on_queue())
        self.site.wait_queued(level)

    def drain(self, relay, workers, seconds):
        """
        The rate of so many seconds, or until the queue is empty. `workers`:
        how many connections each has.
        """
        site, taken = self.site, []
        queued = site.on_queue()
        before = proc.cpu(site.pids())
        running = [site.worker(relay, connections, f"worker-{at}")
                   for at, connections in enumerate(workers)]

        def over():
            taken.extend(relay.news())
            return taken and (len(taken) >= queued or
                              time.monotonic() * 1e6 - taken[0].at
                              > seconds * 1e6)
        wait_for(over, f"{seconds} s of work or {queued} mails are sent")
        spent = proc.cpu(site.pids())
        site.end(*running)
        taken.extend(relay.news())
        return {"rate": rate([one.at / 1e6 for one in taken], seconds),
                "mails": len(taken),
                "cpu_us": together(proc.cpu_a_mail(before, spent,
                                                   len(taken)))}


def rate(times, seconds):
    """After the first mail: with it, a far relay takes one of each session."""
    first = times[0]
    if times[-1] - first > seconds:
        return sum(first < at <= first + seconds for at in times) / seconds
    return (len(times) - 1) / (times[-1] - first)


def together(spent):
    """worker-0, worker-1... as one."""
    total = {}
    for name, us in spent.items():
        kind = name.partition("-")[0]
        total[kind] = total.get(kind, 0) + us
    return total
