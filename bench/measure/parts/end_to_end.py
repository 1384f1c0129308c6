# SPDX-License-Identifier: MIT
"""
From HTTP to the relay's 250, API and worker at work together: the time runs
from the first request to the 250 of the last mail that was accepted.
"""

import time

from .. import load, proc
from ..figure import Case, Figure
from ..place import CONNECTIONS, SMTP_CONNECTIONS
from ..programs import Relay
from ..site import wait_for

FIGURE = Figure(
    title=f"Mails accepted and sent, {CONNECTIONS} connections in, "
    f"{SMTP_CONNECTIONS} out",
    metric="rate", unit="mails/s",
    more={"accepted": "accepted/s", "behind_s": "s behind"},
    detail=("cpu_us", "CPU us a mail"),
    note="accepted/s: while the load lasts; s behind: from its end to the last "
    "250.")
WARM_UP = 2  # s


def cases(_options):
    return [Case(name) for name in ("postrider", "amqplib", "bullmq")]


def measure(case, bench):
    with bench.site(case.name) as site:
        relay = site.run(Relay(site.folder))
        url = site.api()
        site.worker(relay)
        send(relay, url, WARM_UP)
        before, began = proc.cpu(site.pids()), time.monotonic()
        done, ended, last = send(relay, url, bench.options.seconds)
        mails = done["requests"]
        return [{"rate": mails / (last - began), "mails": mails,
                 "accepted": mails / done["seconds"],
                 "behind_s": max(0, last - ended),
                 "cpu_us": proc.cpu_a_mail(before, proc.cpu(site.pids()),
                                           mails)}]


def send(relay, url, seconds):
    """What wrk says, when it ended, and when the last mail was taken."""
    before = relay.mails
    done = load.post(url, seconds)
    ended = last = time.monotonic()

    def all_taken():
        nonlocal last
        news = relay.news()
        if news:
            last = news[-1].at / 1e6
        return relay.mails - before >= done["requests"]
    wait_for(all_taken, f"{done['requests']} mails are sent")
    return done, ended, last
