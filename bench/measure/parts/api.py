# SPDX-License-Identifier: MIT
"""How many mails a second an API accepts."""

from . import cpu, load
from .site import Site

CONTESTANTS = ("postrider", "express", "fastify", "empty")
WARM_UP = 1  # s


def measure(name, folder, rabbitmq, seconds):
    with Site(folder, rabbitmq) as site:
        url = getattr(site, name)()
        warm = load.post(url, WARM_UP)
        before = cpu.used(site.pids())
        done = load.post(url, seconds)
        mails = done["requests"]
        spent = cpu.a_mail(before, cpu.used(site.pids()), mails)
        site.check_kept(name, warm["requests"] + mails)
    return {"contestant": name, "rate": mails / done["seconds"],
            "mails": mails, "p50_ms": done["p50_ms"],
            "p99_ms": done["p99_ms"], "cpu_us": spent}
