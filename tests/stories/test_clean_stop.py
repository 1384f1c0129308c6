# SPDX-License-Identifier: MIT
"""Who is asked to stop finishes what it has in hand, and takes nothing more."""

import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from proxy import Proxy

IN_HAND = 12


@pytest.fixture
def broker_proxy(rabbitmq):
    proxy = Proxy(rabbitmq.port)
    yield proxy
    proxy.stop()


def test_the_api_answers_what_it_has_in_hand(new_rig, broker_proxy):
    rig = new_rig({"ACCEPT_TIMEOUT": "30s"})
    rig.api.env["RABBITMQ_URL"] = rig.amqp_url(broker_proxy.port)
    rig.start()
    broker_proxy.hold("down")  # the confirms
    with ThreadPoolExecutor(IN_HAND) as posters:
        posts = [posters.submit(rig.client.post, {
            "to": f"hand-{i}@example.com", "subject": "s", "body": "b"})
            for i in range(IN_HAND)]
        wait_for(lambda: rig.client.history(limit=1)["total"] == IN_HAND)
        os.kill(rig.api.pid, signal.SIGTERM)
        wait_for(lambda: rig.client.get("/ready").status == 503)
        assert rig.api.alive() and not any(post.done() for post in posts)
        broker_proxy.release("down")
        assert Counter(post.result(20).status for post in posts) == {
            201: IN_HAND}
    assert rig.api.wait_end(10)
    assert rig.api.child.returncode == 0
    rig.api.stop()
    rig.sink.wait(IN_HAND)


def test_the_worker_leaves_nothing_half_done(new_rig):
    rig = new_rig({"SMTP_CONNECTIONS": "4"}).start()
    rig.sink.on("dot", delay=0.2)
    ids = [rig.client.send(f"worker-{i}@example.com") for i in range(60)]
    rig.sink.wait(8)
    began = time.monotonic()
    assert rig.worker.stop() == 0
    assert time.monotonic() - began < 15
    taken = len(rig.sink.mails)
    assert taken < len(ids), "it had nothing left to give back"
    assert len(rig.sink.seen) == taken, "a mail was cut off after its dot"
    assert rig.client.history(status="processing")["total"] == 0
    assert rig.client.history(status="completed")["total"] == taken

    rig.worker.start()
    for job_id in ids:
        assert rig.client.wait(job_id, "completed")["attempts"] == 1
    copies = Counter(mail.recipients[0] for mail in rig.sink.seen)
    assert len(copies) == len(ids) and set(copies.values()) == {1}


@pytest.mark.parametrize("name", ["api", "worker"])
def test_a_broker_that_hangs_keeps_nobody(new_rig, broker_proxy, name):
    """Each of its steps may take AMQP_TIMEOUT, a minute here."""
    rig = new_rig({"STOP_TIMEOUT": "8s", "AMQP_TIMEOUT": "60s"})
    service = getattr(rig, name)
    service.env["RABBITMQ_URL"] = rig.amqp_url(broker_proxy.port)
    rig.start()
    first = rig.client.send("first@example.com")
    rig.client.wait(first, "completed")
    broker_proxy.hold("up")
    broker_proxy.hold("down")
    os.kill(service.pid, signal.SIGTERM)
    assert service.wait_end(20)
    assert service.child.returncode == 0
    service.stop()
    broker_proxy.release("up")
    broker_proxy.release("down")
    service.start()
    rig.wait_ready()
    rig.client.wait(rig.client.send("second@example.com"), "completed")
    copies = Counter(mail.recipients[0] for mail in rig.sink.seen)
    assert copies == {"first@example.com": 1, "second@example.com": 1}
    assert rig.client.job(first)["attempts"] == 1


def wait_for(check, seconds=15):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, check
        time.sleep(0.02)
