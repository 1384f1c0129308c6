# SPDX-License-Identifier: MIT
"""
How many mails a second a worker sends from a full queue. Each contestant's own
API fills it before the time begins. The time runs from the first mails that
Redis knows as completed to the last, so that no program's start counts.
"""

import subprocess
import time

from stack import ports
from stack.trouble import Trouble
from stack.worker import Worker

from . import cpu, load
from .place import BUILD, POSTFIX, SMTP_CONNECTIONS, base_env
from .programs import NodeWorker, SmtpSink
from .site import Site

CONTESTANTS = ("postrider", "nodemailer", "smtp-source")
SOURCE_MAILS = 4000  # that smtp-source sends, for each second asked for
PATIENCE = 120  # s


def measure(name, folder, rabbitmq, seconds):
    with Site(folder, rabbitmq) as site:
        relay = site.run(SmtpSink(site.folder))
        if name == "smtp-source":
            return limit(site, relay, SOURCE_MAILS * seconds)
        queued = fill(site, name, seconds)
        env = site.env | {"SMTP_HOST": "127.0.0.1",
                          "SMTP_PORT": str(relay.port),
                          "SMTP_CONNECTIONS": str(SMTP_CONNECTIONS)}
        worker = (Worker(site.folder, BUILD / "worker" / "postrider-worker",
                         ports.free(), env=env, dies_with_us=True)
                  if name == "postrider" else
                  NodeWorker(site.folder, "worker_nodemailer.js", env))
        return {"contestant": name} | drain(site, worker, queued)


def wait_for(check, what):
    deadline = time.monotonic() + PATIENCE
    while not check():
        if time.monotonic() > deadline:
            raise Trouble(f"{what}: not after {PATIENCE} s")
        time.sleep(0.01)


def fill(site, name, seconds):
    """How many mails its API, gone again, has put on the queue in that time."""
    before = list(site.running)
    url = site.postrider() if name == "postrider" else site.express()
    load.post(url, seconds)
    queued = site.store.zcard("jobs:created")
    wait_for(lambda: site.queued() >= queued, "the queue is full")
    wait_for(lambda: site.store.zcard("outbox") == 0, "the outbox is empty")
    site.end(*[one for one in reversed(site.running) if one not in before])
    return queued


def drain(site, worker, queued):
    def completed():
        return site.store.zcard("jobs:status:completed")

    before = cpu.used(site.pids()) | {"worker": 0}
    site.run(worker)
    wait_for(completed, "a first mail is sent")
    first, began = completed(), time.monotonic()
    wait_for(lambda: completed() >= queued, f"{queued} mails are sent")
    seconds = time.monotonic() - began
    spent = cpu.a_mail(before, cpu.used(site.pids()), queued)
    if first >= queued:
        raise Trouble("too few mails to see the worker at work")
    return {"rate": (queued - first) / seconds, "mails": queued,
            "cpu_us": spent}


def limit(site, relay, mails):
    """Postfix's own sender: no queue, no Redis, nothing noted."""
    pids = {"relay": relay.pid}
    before, began = cpu.used(pids), time.monotonic()
    subprocess.run(
        [POSTFIX / "sbin" / "smtp-source", "-d", "-s", str(SMTP_CONNECTIONS),
         "-m", str(mails), "-l", "1100", f"127.0.0.1:{relay.port}"],
        env=base_env() | {
            "LD_LIBRARY_PATH": str(POSTFIX / "lib" / "postfix")},
        check=True, cwd=site.folder)
    seconds = time.monotonic() - began
    return {"contestant": "smtp-source", "rate": mails / seconds,
            "mails": mails,
            "cpu_us": cpu.a_mail(before, cpu.used(pids), mails)}
