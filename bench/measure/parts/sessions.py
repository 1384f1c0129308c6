# SPDX-License-Identifier: MIT
"""
One worker, a relay that is so many milliseconds away, and sessions with it. A
session can send a mail in each round trip: with more, the worker would have to
put mails behind one whose fate is open.
"""

from ..drain import Queue
from ..figure import Case, Figure
from ..programs import Relay

LATENCIES = (0, 10, 50, 200)  # ms
SESSIONS = (1, 4, 16, 64)
MOST = 8000  # mails/s, more than is ever reached
FIGURE = Figure(
    title="Mails sent, by sessions and the relay's round trip", metric="rate",
    unit="mails/s", axis="sessions",
    more={"share": "% of sessions/latency"}, chart="lines", log=True, rounds=3,
    detail=("cpu_us", "CPU us a mail"))


def cases(_options):
    return [Case(f"{latency} ms") for latency in LATENCIES]


def measure(case, bench):
    seconds = bench.options.seconds
    latency = int(case.name.split()[0])
    rows = []
    with bench.site("postrider") as site:
        relay = site.run(Relay(site.folder, latency))
        queue = Queue(site)
        for sessions in SESSIONS:
            ideal = sessions / latency * 1000 if latency else MOST
            queue.fill(int(min(ideal, MOST) * (seconds + 1)) + 100)
            seen = queue.drain(relay, [sessions], seconds)
            share = seen["rate"] / ideal * 100 if latency else None
            rows.append(seen | {"at": sessions, "share": share})
    return rows
