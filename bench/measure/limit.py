# SPDX-License-Identifier: MIT
"""What the services can do when nobody does more than needs be."""

import time

from . import load, proc
from .place import MADE, POSTFIX, SMTP_CONNECTIONS, TEXT
from .programs import SmtpSink

AMQP_MAILS = 15000  # for each second asked for
SMTP_MAILS = 4000


def amqp(bench, doing):
    """Publishes through rabbitmq-c, or takes back what was published."""
    mails = AMQP_MAILS * bench.options.seconds
    with bench.site("rabbitmq-c") as site:
        argv = [MADE / "bench_amqp_limit", site.rabbitmq.port, site.vhost]
        if doing == "consume":
            load.run([*argv, "publish", mails, TEXT])
        before = proc.cpu(site.pids())
        seconds = float(load.run([*argv, doing, mails, TEXT]))
        spent = proc.cpu_a_mail(before, proc.cpu(site.pids()), mails)
        return [{"rate": mails / seconds, "mails": mails,
                 "cpu_us": {"rabbitmq": spent["rabbitmq"]}}]


def smtp(bench):
    """Postfix's own sender: no queue, no Redis, nothing noted."""
    mails = SMTP_MAILS * bench.options.seconds
    with bench.site("smtp-source") as site:
        relay = site.run(SmtpSink(site.folder))
        pids = {"relay": relay.pid}
        before, began = proc.cpu(pids), time.monotonic()
        load.run([POSTFIX / "sbin" / "smtp-source", "-d",
                  "-s", SMTP_CONNECTIONS, "-m", mails, "-l", TEXT,
                  f"127.0.0.1:{relay.port}"], LD_LIBRARY_PATH=str(
                      POSTFIX / "lib" / "postfix"))
        seconds = time.monotonic() - began
        return [{"rate": mails / seconds, "mails": mails,
                 "cpu_us": proc.cpu_a_mail(before, proc.cpu(pids), mails)}]
