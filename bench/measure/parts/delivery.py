# SPDX-License-Identifier: MIT
"""From the moment that a mail is due to be posted to the relay's 250."""

from .. import load
from ..figure import Case, Figure, histogram, percentile
from ..programs import Relay
from ..site import wait_for

RATE = 1000
FIGURE = Figure(
    title=f"From HTTP to the relay's 250, at {RATE} mails/s", metric="p99_ms",
    unit="p99 ms", axis="ms", more={"p50_ms": "p50 ms", "p999_ms": "p99.9 ms",
                         "most_ms": "longest ms"},
    chart="histogram", less_is_better=True)
WARM_UP = 2  # s


def cases(_options):
    return [Case("postrider")]


def measure(case, bench):
    with bench.site(case.name) as site:
        relay = site.run(Relay(site.folder))
        url = site.api()
        site.worker(relay)
        send(relay, url, WARM_UP)
        times = send(relay, url, bench.options.seconds)
    return [{"p50_ms": percentile(times, 50), "p99_ms": percentile(times, 99),
             "p999_ms": percentile(times, 99.9), "most_ms": max(times),
             "histogram": histogram(times)}]


def send(relay, url, seconds):
    """ms of each mail; its number is the last word of its subject."""
    sent = load.paced(url, RATE, RATE * seconds)
    taken = []

    def all_taken():
        taken.extend(relay.news())
        return len(taken) >= len(sent)
    wait_for(all_taken, f"{len(sent)} mails are sent")
    at = {int(one.subject): one.at for one in taken}
    return [(at[one.number] - one.due) / 1000 for one in sent]
