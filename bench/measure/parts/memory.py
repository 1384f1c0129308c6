# SPDX-License-Identifier: MIT
"""
Resident memory of every process: idle, watched, behind a full queue, busy with
large bodies.
"""

import contextlib

from stack.trouble import Trouble

from .. import load, proc
from ..figure import Case, Figure, number
from ..programs import Relay
from ..site import Site

SLOW = 1000  # ms: a relay that takes next to nothing of the queue
BUSY = 256  # connections
BODY = 62 * 1024 - 256  # of text; with all else 62 KB and no more
SAMPLE = 1000  # jobs
WATCHING = 5000  # clients that follow the events
FIGURE = Figure(
    title="Resident memory of the whole set", metric="total", unit="MiB in all",
    more={"redis_bytes": "Redis bytes a mail", "client_kib": "KiB a client"},
    detail=("mib", "MiB by process"), rounds=1,
    note=f"Redis bytes a mail are those beside its payload; KiB a client are "
    f"postrider-events'. {BUSY} connections post bodies of 62 KB as fast as "
    "they are answered: that row has each process's peak, the others what it "
    "has at that time.")


def cases(_options):
    return [Case("queue"), Case("large")]


def measure(case, bench):
    with bench.site("postrider") as site:
        return (queue if case.name == "queue" else large)(site, bench.options)


def row(name, sizes, **more):
    return {"name": name, "total": sum(sizes.values()), "mib": sizes} | more


def queue(site: Site, options):
    relay = site.run(Relay(site.folder, SLOW))
    url = site.api()
    events = site.events()
    site.worker(relay)
    ours = {name: pid for name, pid in site.pids().items() if name != "relay"}
    idle = row("idle", proc.memory(ours))
    watched = watch(events, ours, idle)
    load.fill(url, SAMPLE)  # what comes with the first mails is no mail's
    before = used(site)
    load.fill(url, options.mails)
    waiting = site.accepted() - site.sent()
    sample = site.store.zrange("jobs:created", -SAMPLE, -1)
    payload = sum(site.store.hstrlen(b"job:" + one, "payload")
                  for one in sample) / SAMPLE
    return [idle, watched,
            row(f"{number(waiting)} queued", proc.memory(ours),
                redis_bytes=(used(site) - before) / options.mails - payload,
                payload_bytes=payload)]


def watch(events, ours, idle):
    with contextlib.ExitStack() as clients:
        for _ in range(WATCHING):
            client = clients.enter_context(events.connect())
            client.sendall(b"GET /api/events HTTP/1.1\r\nHost: bench\r\n\r\n")
            if not client.recv(4096).startswith(b"HTTP/1.1 200"):
                raise Trouble("events takes no client")
        sizes = proc.memory(ours)
    more = sizes["events"] - idle["mib"]["events"]
    return row(f"{number(WATCHING)} watching", sizes,
               client_kib=more * 1024 / WATCHING)


def used(site):
    return site.store.info("memory")["used_memory"]


def large(site, options):
    url = site.api()
    load.post(url, options.seconds, BUSY, BODY)
    return [row(f"{BUSY} x 62 KB", proc.memory(site.pids(), "VmHWM"))]
