# SPDX-License-Identifier: MIT
"""How many mails a second an API accepts."""

from .. import limit, load, proc
from ..figure import Case, Figure
from ..place import CONNECTIONS

FIGURE = Figure(
    title=f"Mails accepted, {CONNECTIONS} connections",
    metric="rate", unit="mails/s",
    more={"p50_ms": "p50 ms", "p99_ms": "p99 ms"},
    detail=("cpu_us", "CPU us a mail"),
    note="rabbitmq-c only publishes; lighttpd has a FastCGI program behind it "
    "that does nothing.")
WARM_UP = 2  # s


def cases(_options):
    return [Case(name) for name in ("postrider", "amqplib", "bullmq",
                                    "lighttpd", "rabbitmq-c")]


def measure(case, bench):
    if case.name == "rabbitmq-c":
        return limit.amqp(bench, "publish")
    with bench.site(case.name) as site:
        return [accept(site, CONNECTIONS, bench.options.seconds)]


def accept(site, connections, seconds, batch=None):
    url = site.api()
    warm = load.post(url, WARM_UP, connections, batch=batch)
    before = proc.cpu(site.pids())
    done = load.post(url, seconds, connections, batch=batch)
    mails = done["requests"] * (batch or 1)
    spent = proc.cpu_a_mail(before, proc.cpu(site.pids()), mails)
    site.check_kept(warm["requests"] * (batch or 1) + mails)
    return {"rate": mails / done["seconds"], "mails": mails,
            "p50_ms": done["p50_ms"], "p99_ms": done["p99_ms"],
            "cpu_us": spent}
