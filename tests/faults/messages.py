# SPDX-License-Identifier: MIT
"""Messages that are lost, or are none; a clock that is wrong."""

import glob
import time

from fault import Fault
from rig import BUILD

JOB = "0193c000-0000-7000-8000-000000000000"
POISON = {
    "JSON": b'{"content":',
    "version": b'{"version":99,"content":{"job_id":"%s"}}' % JOB.encode(),
    "job_id": b'{"content":{"to":"a@load.example","subject":"s"}}',
    "UTF-8": b'{"content":{"job_id":"\xff\xfe"}}',
}
HUGE = 15 << 20  # bytes; RabbitMQ 4 takes 16 MiB
MINUTE = 60_000  # ms


def lose_hints(scene):
    """A consumer of ours takes messages away, as near to capacity as may be."""
    slow = scene.relay("dot", delay=0.09)
    channel = scene.rig.queues.channel()
    stolen = []

    def steal(channel, method, _properties, _body):
        channel.basic_ack(method.delivery_tag)
        stolen.append(method.delivery_tag)
    channel.basic_consume("email_tasks", steal, arguments={"x-priority": 10})
    scene.note("a consumer takes messages away")
    while len(stolen) < 30:
        channel.connection.process_data_events(0.1)
    channel.connection.close()
    scene.note(f"it took {len(stolen)}")
    slow.remove()
    scene.load.stop()
    while not scene.long and scene.store.zcard("jobs:due"):
        a_minute_passes(scene)
        time.sleep(1.5)


def a_minute_passes(scene):
    """For what the sweeper looks at a minute after it was due."""
    for job_id in scene.store.zrange("jobs:due", 0, -1):
        scene.store.zadd("jobs:due", {job_id: -MINUTE}, xx=True, incr=True)
    scene.note("as if a minute had passed")


def poison(scene):
    """Each is put aside with the reason, and no worker ends of it."""
    bodies = [*POISON.values(), b'{"content":"' + b"x" * HUGE]
    pids = [worker.pid for worker in scene.workers]
    scene.rig.queues.publish("email_tasks", *bodies)
    scene.note("poison is published")
    aside = scene.rig.queues.take("email_tasks_failed", len(bodies))
    assert sorted(body for _, body in aside) == sorted(bodies)
    for properties, body in aside:
        reason = properties.headers["x-reason"]
        wanted = next((word for word, sent in POISON.items() if sent == body),
                      "JSON")
        assert wanted in reason, (reason, body[:80])
    assert pids == [worker.pid for worker in scene.workers]
    scene.note("it is put aside")


# -- libfaketime


def faketime():
    return next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)


def no_faketime():
    return None if faketime() else "the package libfaketime is not there"


def clock(scene):
    """One worker's clock moves by an hour while it works; mails are deferred
    then, as they wait by the clock."""
    worker = scene.workers[0]
    offset = scene.rig.folder / "faketime"
    offset.write_text("+0\n")
    worker.stop()
    # The library does not go with a sanitizer.
    worker.program = BUILD / "tests" / "cost" / "worker" / "postrider-worker"
    worker.env |= {"LD_PRELOAD": faketime(), "FAKETIME_NO_CACHE": "1",
                   "FAKETIME_TIMESTAMP_FILE": str(offset),
                   "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    scene.start_again(worker)
    later = scene.relay("mail", reply="451 4.3.0 later", after=10, times=100)
    for moved in scene.chance.sample(("+3600", "-3600"), 2):
        scene.note(f"{worker.name}'s clock is {moved} s off")
        offset.write_text(f"{moved}\n")
        scene.pause(1.0, 2.0)
    later.remove()


FAULTS = (
    Fault("lose-hints", "messages taken away near capacity: the sweeper finds "
          "the mails", lose_hints),
    Fault("poison", "messages that are no job, one of 15 MiB", poison),
)
