# SPDX-License-Identifier: MIT
"""Mails of 1 KB to 10 MB, accepted and sent: peak memory and bytes a second."""

from .. import load, proc
from ..figure import Case, Figure
from ..programs import Relay
from ..site import wait_for

CONNECTIONS = 4  # their bodies stay below INFLIGHT_MB
# For each second asked for, whichever comes first:
MAILS = 1000
BYTES = 50000000
FIGURE = Figure(
    title=f"Peak memory, by a mail's size, {CONNECTIONS} connections",
    metric="peak", unit="MiB", axis="bytes",
    more={"rate": "mails/s", "mb_s": "MB/s"}, chart="lines", rounds=3)


def cases(_options):
    return [Case("postrider", 10 ** power) for power in range(3, 8)]


def measure(case, bench):
    with bench.site(case.name) as site:
        relay = site.run(Relay(site.folder))
        url = site.api()
        site.worker(relay)
        mails = min(MAILS, BYTES // case.at) * bench.options.seconds
        sent = load.paced(url, load.NO_LIMIT, mails, CONNECTIONS, case.at)

        def all_taken():
            relay.news()
            return relay.mails >= mails
        wait_for(all_taken, f"{mails} mails are sent")
        peaks = proc.memory(site.pids(), "VmHWM")
        rate = mails / (max(it.done for it in sent) - sent[0].due) * 1e6
        return [{"name": name, "peak": peaks[name], "rate": rate,
                 "mb_s": rate * case.at / 1e6} for name in ("api", "worker")]
