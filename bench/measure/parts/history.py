# SPDX-License-Identifier: MIT
"""What a page of the history costs Redis, with few jobs and with many."""

import time

from stack.answer import ask

from .. import load
from ..figure import Case, Figure

OTHERS = ("cmdstat_config", "cmdstat_info", "cmdstat_ping")  # no page's work
PAGES = 10  # of 100 jobs, newest first, by cursor
FIGURE = Figure(
    title="Redis commands for a page of 100 jobs", metric="commands",
    unit="commands a page", axis="jobs",
    more={"redis_us": "Redis us a page", "page_ms": "ms a page",
          "bytes": "bytes a page"},
    detail=("calls", "calls a page"), rounds=1,
    note="INFO commandstats, commands within scripts too.")


def cases(options):
    return [Case("postrider", jobs) for jobs in (1000, options.mails)]


def measure(case, bench):
    with bench.site(case.name) as site:
        url = site.api()
        load.fill(url, case.at)
        site.wait_queued(case.at)
        read(url)
        site.store.config_resetstat()
        began = time.monotonic()
        bytes_read = read(url)
        seconds = time.monotonic() - began
        stats = site.store.info("commandstats")
    calls = {name.removeprefix("cmdstat_"): row["calls"] / PAGES
             for name, row in sorted(stats.items(),
                                     key=lambda it: -it[1]["calls"])
             if not name.startswith(OTHERS)}
    script = stats["cmdstat_evalsha"]  # its time holds that of its commands
    return [{"commands": sum(calls.values()), "calls": calls,
             "redis_us": script["usec"] / PAGES,
             "page_ms": seconds * 1000 / PAGES, "bytes": bytes_read / PAGES}]


def read(url):
    size, cursor = 0, ""
    for _ in range(PAGES):
        page = ask("GET", f"{url}/api/jobs/history?limit=100{cursor}")
        size += len(page.body)
        cursor = f"&cursor={page.json['next_cursor']}"
    return size
