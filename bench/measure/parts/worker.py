# SPDX-License-Identifier: MIT
"""
How many mails a second a worker sends from a full queue. Each contestant's own
API fills it before the time begins. The time runs from the first mails that
Redis knows as completed to the last, so that no program's start counts.
"""

import time

from stack.trouble import Trouble

from .. import limit, load, proc
from ..figure import Case, Figure
from ..place import SMTP_CONNECTIONS
from ..programs import SmtpSink
from ..site import wait_for

FIGURE = Figure(
    title=f"Mails sent from a full queue, {SMTP_CONNECTIONS} connections to "
    "smtp-sink",
    metric="rate", unit="mails/s", more={"mails": "queued"},
    detail=("cpu_us", "CPU us a mail"),
    note="smtp-source has no queue and keeps no record; rabbitmq-c only "
    "consumes.")


def cases(_options):
    return [Case(name) for name in ("postrider", "amqplib", "bullmq",
                                    "smtp-source", "rabbitmq-c")]


def measure(case, bench):
    if case.name == "rabbitmq-c":
        return limit.amqp(bench, "consume")
    if case.name == "smtp-source":
        return limit.smtp(bench)
    with bench.site(case.name) as site:
        relay = site.run(SmtpSink(site.folder))
        before = list(site.running)
        load.post(site.api(), bench.options.seconds)
        queued = site.accepted()
        site.wait_queued(queued)
        site.end(*[it for it in reversed(site.running) if it not in before])
        return [drain(site, relay, queued)]


def drain(site, relay, queued):
    before = proc.cpu(site.pids())
    site.worker(relay)
    wait_for(site.sent, "a first mail is sent")
    first, began = site.sent(), time.monotonic()
    wait_for(lambda: site.sent() >= queued, f"{queued} mails are sent")
    seconds = time.monotonic() - began
    if first >= queued:
        raise Trouble("too few mails to see the worker at work")
    return {"rate": (queued - first) / seconds, "mails": queued,
            "cpu_us": proc.cpu_a_mail(before, proc.cpu(site.pids()), queued)}
