# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""Mail of three priorities, by its order at the sink.
STORIES_BULK=50000 is the first story in full."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from stack.answer import says_ok
from test_sweeper import wait_for

BULK = int(os.environ.get("STORIES_BULK", 3000))
SETTINGS = {"SMTP_CONNECTIONS": "4", "ACCEPT_TIMEOUT": "30s",
            "LOG_LEVEL": "info", "SWEEP_INTERVAL": "500ms"}
LANES = ("high", "normal", "bulk")


def send_many(rig, priority, count):
    with ThreadPoolExecutor(8) as posters:
        list(posters.map(lambda i: rig.client.send(
            f"{priority}-{i}@example.com", priority=priority), range(count)))


def order(rig):
    """Of each mail that was taken, its lane."""
    return [mail.recipients[0].partition("-")[0] for mail in rig.sink.mails]


def stopped(new_rig, **settings):
    """A rig that accepts and does not send yet."""
    rig = new_rig(settings).start()
    rig.worker.stop()
    return rig


def test_a_password_reset_does_not_wait_for_a_newsletter(new_rig):
    rig = stopped(new_rig)
    send_many(rig, "bulk", BULK)
    assert rig.queues.depth("email_tasks_bulk") == BULK
    held = rig.sink.on("dot", hold=True, after=BULK // 4)
    rig.worker.start()
    wait_for(lambda: held.holding == 4)  # in the middle of it
    before = len(rig.sink.mails)
    reset = rig.client.send("reset-1@example.com", priority="high")
    wait_for(lambda: rig.queues.depth("email_tasks_high") == 0)
    held.remove()
    rig.client.wait(reset, "completed", seconds=60)
    place = order(rig).index("reset")
    assert place - before < BULK / 100, (before, place)
    rig.sink.wait(BULK + 1, 60 + BULK / 50)
    assert len({mail.recipients[0] for mail in rig.sink.mails}) == BULK + 1


def test_lanes_take_turns_by_weight(new_rig):
    rig = stopped(new_rig)
    for lane in LANES:
        send_many(rig, lane, 300)
    rig.sink.on("dot", delay=0.02)
    rig.worker.start()
    rig.sink.wait(260, 120)
    first = order(rig)[:260]
    counts = {lane: first.count(lane) for lane in LANES}  # 160 80 20, about
    assert counts["high"] > counts["normal"] > counts["bulk"] > 0, counts
    rig.sink.wait(900, 120)


def test_a_mail_is_tried_again_in_its_lane(new_rig):
    rig = new_rig({"RETRY_BASE": "1s"}).start()
    rule = rig.sink.on("rcpt", reply="450 4.2.0 later", to="b@example.com")
    job_id = rig.client.send("b@example.com", priority="bulk")
    rig.client.wait(job_id, "retrying")
    rig.worker.stop()
    rule.remove()
    wait_for(lambda: rig.queues.depth("email_tasks_bulk") == 1)
    lanes = rig.client.get("/api/stats").json["queue"]["lanes"]
    assert set(lanes) == set(LANES)
    rig.worker.start()
    assert rig.client.wait(job_id, "completed")["attempts"] >= 2


def test_an_outage_of_the_broker_changes_no_lane(new_rig):
    """What only the outbox has goes to its lane, too, and is told of."""
    rig = new_rig({"ACCEPT_TIMEOUT": "200ms"}).start()
    vhost = rig.vhost
    rig.rabbitmq.delete_vhost(vhost)
    wait_for(lambda: rig.client.get("/health").json["dependencies"]
             ["rabbitmq"]["status"] == "down")
    job_id = rig.client.send("late@example.com", priority="high")
    rig.worker.stop()
    rig.rabbitmq.add_vhost(vhost)
    two = rig.new_worker("two", SMTP_HOST="127.0.0.1", SMTP_PORT="1")
    two.ready = lambda: says_ok(f"{two.url}/health")
    two.start()  # has no relay: gives back what it is brought
    wait_for(lambda: rig.queues.depth("email_tasks_high"))
    assert rig.queues.depth("email_tasks") == 0
    wait_for(lambda: (rig.client.get("/api/stats").json["queue"]["lanes"]
                      ["high"] or {}).get("depth") == 1)
    two.stop()
    rig.worker.start()
    assert rig.client.wait(job_id, "completed", seconds=60)


def test_a_priority_is_one_of_three(rig, client):
    for priority in ("urgent", "High", ""):
        answer = client.post({"to": "a@example.com", "subject": "s",
                              "body": "b", "priority": priority})
        assert answer.status == 400
        assert answer.json["details"][0]["field"] == "priority"
    answer = client.post({"to": "a@example.com", "subject": "s", "body": "b",
                          "priority": 1})
    assert answer.json["details"] == [
        {"field": "priority", "message": "must be a string, not a number"}]
