# SPDX-License-Identifier: MIT
"""Several workers at one queue."""

from ..drain import Queue
from ..figure import Case, Figure
from ..place import SMTP_CONNECTIONS
from ..programs import Relay

MOST = 8000  # mails/s, more than is ever reached
FIGURE = Figure(
    title=f"Mails sent, by workers with {SMTP_CONNECTIONS} sessions each",
    metric="rate", unit="mails/s", axis="workers",
    detail=("cpu_us", "CPU us a mail"), chart="lines", rounds=3,
    note="All on one machine, beside Redis, RabbitMQ and the relay.")


def cases(_options):
    return [Case("postrider", count) for count in range(1, 5)]


def measure(case, bench):
    seconds = bench.options.seconds
    with bench.site(case.name) as site:
        relay = site.run(Relay(site.folder))
        queue = Queue(site)
        queue.fill(MOST * (seconds + 1))
        return [queue.drain(relay, [SMTP_CONNECTIONS] * case.at, seconds)]
