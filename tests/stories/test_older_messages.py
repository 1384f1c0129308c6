# SPDX-License-Identifier: MIT
"""Messages that older programs publish to email_tasks by themselves."""

import time
import uuid

import pytest


def rfc3339(form, zone=0):
    return time.strftime(form, time.gmtime(time.time() + zone * 3600))


TIMES = {
    "fraction": lambda: rfc3339("%Y-%m-%dT%H:%M:%S.432Z"),
    "micros": lambda: rfc3339("%Y-%m-%dT%H:%M:%S.432123Z"),
    "seconds": lambda: rfc3339("%Y-%m-%dT%H:%M:%SZ"),
    "offset": lambda: rfc3339("%Y-%m-%dT%H:%M:%S+02:00", zone=2),
    "fraction-offset": lambda: rfc3339("%Y-%m-%dT%H:%M:%S.5-05:30", zone=-5.5),
    "epoch": lambda: int(time.time()),
    "epoch-ms": lambda: int(time.time() * 1000),
    "epoch-text": lambda: str(int(time.time())),
    "none": lambda: None,
}


def payload(name):
    made = {"job_id": str(uuid.uuid4()), "to": f"{name}@example.com",
            "subject": f"Older {name}", "body": "Written long ago\n",
            "created_at": TIMES[name]()}
    return {key: value for key, value in made.items() if value is not None}


@pytest.mark.parametrize("wrap", [True, False], ids=["content", "raw"])
def test_older_shapes_are_sent(client, rig, wrap):
    jobs = [payload(name) for name in TIMES]
    rig.queues.publish("email_tasks", *(
        {"content": job} if wrap else job for job in jobs))
    for job in jobs:
        done = client.wait(job["job_id"], "completed")
        assert done["subject"] == job["subject"]
        assert done["to"] == [job["to"]]
    sent = [mail.recipients[0] for mail in rig.sink.mails[-len(jobs):]]
    assert sorted(sent) == sorted(job["to"] for job in jobs)


def test_what_is_no_job_is_put_aside_with_the_reason(rig):
    whole = payload("none")
    poison = {
        "job_id": b'{"content":{"to":"a@example.com","subject":"s"}}',
        "JSON": b'{"content":',
        "version": b'{"version":99,"content":{"job_id":"%s"}}' %
                   whole["job_id"].encode(),
    }
    before = len(rig.sink.seen)
    rig.queues.publish("email_tasks", *poison.values())
    aside = rig.queues.take("email_tasks_failed", len(poison))
    assert sorted(body for _, body in aside) == sorted(poison.values())
    for properties, body in aside:
        reason = properties.headers["x-reason"]
        [word] = [word for word, sent in poison.items() if sent == body]
        assert word in reason, (reason, body)
    assert rig.queues.depth("email_tasks") == 0
    assert len(rig.sink.seen) == before


def test_addresses_become_what_the_api_makes_of_them(client, rig):
    job = payload("none") | {"to": ["a@Bücher.example", "A <a@B.Example>",
                                    "a@xn--bcher-kva.example"]}
    rig.queues.publish("email_tasks", {"content": job})
    done = client.wait(job["job_id"], "completed")
    assert done["to"] == ["a@xn--bcher-kva.example", "a@b.example"]
    assert rig.sink.mails[-1].recipients == done["to"]


@pytest.mark.parametrize("field, value", [
    ("to", "a@p\u0430ypal.example"), ("to", "a\u200b@b.example"),
    ("to", "a@b.example, c@d.example"), ("from", "N\n <a@b.example>"),
    ("subject", "s\r\nBcc: x@y.example"), ("subject", "\u202es")], ids=ascii)
def test_what_the_api_would_refuse_is_put_aside(rig, field, value):
    before = len(rig.sink.seen)
    rig.queues.publish("email_tasks", payload("none") | {field: value})
    [(properties, _)] = rig.queues.take("email_tasks_failed")
    assert properties.headers["x-reason"].startswith(field)
    assert len(rig.sink.seen) == before
