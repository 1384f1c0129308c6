# SPDX-License-Identifier: MIT
"""One worker with little and with much to do; the queue is filled up again
before each of its rounds."""

from ..drain import Queue
from ..figure import Case, Figure
from ..programs import Relay

ROUNDS = 5
FIGURE = Figure(
    title="Mails sent, by mails queued", metric="rate", unit="mails/s",
    axis="mails queued", more={"mails": "sent"},
    detail=("cpu_us", "CPU us a mail"), chart="lines", rounds=1,
    note=f"{ROUNDS} rounds on one site. A thousand are gone before a worker "
    "is at full speed.")


def cases(options):
    return [Case("postrider", level)
            for level in dict.fromkeys((1000, min(100000, options.mails),
                                        options.mails))]


def measure(case, bench):
    with bench.site(case.name) as site:
        relay = site.run(Relay(site.folder))
        queue = Queue(site)
        rows = []
        for _ in range(ROUNDS):
            queue.fill(case.at)
            rows.append(queue.drain(relay, [16], bench.options.seconds))
        return rows
