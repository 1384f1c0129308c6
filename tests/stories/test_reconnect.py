# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 180
"""Each service goes away and comes back: mail waits, no attempt is burnt, the
log says it once, and the programs find their way back by themselves."""

import time

from proxy import Proxy
from stack.answer import ask


def wait_for(check, seconds=30):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, check
        time.sleep(0.05)


def health(rig):
    return ask("GET", f"http://127.0.0.1:{rig.worker.port}/health").json


def ready(rig):
    return ask("GET", f"http://127.0.0.1:{rig.worker.port}/ready").status


def says(rig, text):
    return rig.worker.log.read_text().count(text)


def test_the_relay_is_away(new_rig):
    rig = new_rig().start()
    rig.client.wait(rig.client.send(), "completed")
    rig.sink.down()
    ids = [rig.client.send(f"relay-{i}@example.com") for i in range(40)]
    wait_for(lambda: health(rig)["dependencies"]["smtp"]["status"] == "down")
    assert health(rig)["status"] == "degraded" and ready(rig) == 503
    # Nothing is held back from other workers: all are in the queue again.
    wait_for(lambda: rig.queues.depth("email_tasks") == len(ids))
    for job_id in ids:
        job = rig.client.job(job_id)
        assert (job["status"], job["attempts"]) == ("queued", 0), job
    rig.sink.listen()
    for job_id in ids:
        assert rig.client.wait(job_id, "completed")["attempts"] == 1
    assert health(rig)["status"] == "ok" and ready(rig) == 200
    assert len({mail.recipients[0] for mail in rig.sink.seen}) == 1 + len(ids)
    assert len(rig.sink.seen) == 1 + len(ids)


def test_redis_is_away(new_rig):
    rig = new_rig({"REDIS_TIMEOUT": "500ms"}).start()
    rig.client.wait(rig.client.send(), "completed")
    rig.redis.kill()
    wait_for(lambda: ready(rig) == 503)
    answer = rig.client.post({"to": "a@example.com", "subject": "s",
                              "body": "b"})
    assert answer.status in (503, 504), answer
    assert answer.json["name"] in ("service_unavailable", "outcome_unknown")
    wait_for(lambda: rig.client.get("/ready").status == 503)
    rig.redis.start()
    wait_for(lambda: rig.client.get("/ready").status == 200)
    rig.client.wait(rig.client.send("back@example.com"), "completed")
    assert says(rig, "redis is away") == 1
    assert says(rig, "redis is back") == 1


def test_rabbitmq_is_cut_off(new_rig, rabbitmq):
    proxy = Proxy(rabbitmq.port)
    rig = new_rig({"ACCEPT_TIMEOUT": "300ms", "AMQP_TIMEOUT": "2s"})
    url = rig.amqp_url(proxy.port)
    rig.api.env["RABBITMQ_URL"] = rig.worker.env["RABBITMQ_URL"] = url
    try:
        rig.start()
        rig.client.wait(rig.client.send(), "completed")
        proxy.cut()
        job_id = rig.client.send("cut@example.com")
        rig.client.wait(job_id, "completed")
        proxy.hold("down")  # silent: accepted all the same, sent later
        answer = rig.client.post({"to": "silent@example.com", "subject": "s",
                                  "body": "b"})
        assert answer.status == 202, answer
        proxy.release("down")
        rig.client.wait(answer.json["job_id"], "completed")
        assert [mail.recipients[0] for mail in rig.sink.seen][1:] == [
            "cut@example.com", "silent@example.com"]
    finally:
        rig.stack.stop()
        proxy.stop()
