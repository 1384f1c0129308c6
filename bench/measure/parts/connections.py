# SPDX-License-Identifier: MIT
"""The API with few and with many connections."""

from ..figure import Case, Figure
from . import api

FIGURE = Figure(
    title="Mails accepted, by connections", metric="rate", unit="mails/s",
    axis="connections", more={"p50_ms": "p50 ms", "p99_ms": "p99 ms"},
    detail=("cpu_us", "CPU us a mail"), chart="lines", rounds=3)


def cases(_options):
    return [Case("postrider", at) for at in (1, 4, 16, 32, 64, 128, 256)]


def measure(case, bench):
    with bench.site(case.name) as site:
        return [api.accept(site, case.at, bench.options.seconds)]
