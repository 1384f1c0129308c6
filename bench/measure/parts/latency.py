# SPDX-License-Identifier: MIT
"""How long an API takes to accept a mail while the rate is held."""

from .. import load, proc
from ..figure import Case, Figure, percentile

RATES = (500, 1000)
FIGURE = Figure(
    title="Time to accept a mail, 99th percentile", metric="p99_ms",
    unit="p99 ms", axis="mails/s",
    more={"p50_ms": "p50 ms", "p999_ms": "p99.9 ms", "rate": "held",
          "late_ms": "late ms"},
    detail=("cpu_us", "CPU us a mail"), less_is_better=True,
    note="A mail's time runs from when it was due to be posted, not from when "
    "it could be (no coordinated omission). held: mails/s accepted; late: by "
    "which the client itself began 99 % of them, waiting for no answer.")
WARM_UP = 2  # s


def cases(_options):
    return [Case(name, rate) for rate in RATES
            for name in ("postrider", "amqplib")]


def measure(case, bench):
    seconds = bench.options.seconds
    with bench.site(case.name) as site:
        url = site.api()
        load.paced(url, case.at, case.at * WARM_UP)
        before = proc.cpu(site.pids())
        sent = load.paced(url, case.at, case.at * seconds)
        spent = proc.cpu_a_mail(before, proc.cpu(site.pids()), len(sent))
        site.check_kept(case.at * (WARM_UP + seconds))
    times = [one.ms for one in sent]
    whole = max(one.done for one in sent) - min(one.due for one in sent)
    return [{"p50_ms": percentile(times, 50), "p99_ms": percentile(times, 99),
             "p999_ms": percentile(times, 99.9), "most_ms": max(times),
             "rate": len(sent) / whole * 1e6, "cpu_us": spent,
             "late_ms": percentile(
                 [(one.begun - one.due) / 1000 for one in sent], 99)}]
