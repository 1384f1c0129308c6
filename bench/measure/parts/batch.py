# SPDX-License-Identifier: MIT
"""
How many mails a second an API accepts, many in a request. The peer has no
batches: whoever has many mails for it posts them one by one.
"""

from ..figure import Case, Figure
from ..place import CONNECTIONS
from .api import accept

BATCH = 100
BATCHES = 4  # connections that post batches

FIGURE = Figure(
    title=f"Mails accepted, {BATCH} in a request",
    metric="rate", unit="mails/s",
    more={"p50_ms": "p50 ms", "p99_ms": "p99 ms"},
    detail=("cpu_us", "CPU us a mail"),
    note=f"Postrider by {BATCHES} connections; the peer, which takes one mail "
    f"in a request, by {CONNECTIONS}.")


def cases(_options):
    return [Case(name) for name in ("postrider", "amqplib")]


def measure(case, bench):
    ours = case.name == "postrider"
    with bench.site(case.name) as site:
        return [accept(site, BATCHES if ours else CONNECTIONS,
                       bench.options.seconds, BATCH if ours else None)]
