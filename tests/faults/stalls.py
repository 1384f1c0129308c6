# SPDX-License-Identifier: MIT
"""SIGSTOP: it takes connections and bytes, says nothing, and then goes on."""

import os
import signal
import time

from fault import Fault

SHORT, LONG = 5, 30  # s; each wait of scene.SETTINGS is over in 5


def seconds(scene):
    return LONG if scene.long else SHORT


def stopper(service_of):
    def act(scene):
        service = service_of(scene)
        pid = service.pid
        os.kill(pid, signal.SIGSTOP)
        scene.note(f"SIGSTOP {service.name}")
        try:
            time.sleep(seconds(scene))
        finally:
            os.kill(pid, signal.SIGCONT)
            scene.note(f"SIGCONT {service.name}")
    return act


def stop_relay(scene):
    """It is this very process: its loop does nothing else meanwhile."""
    scene.note("the relay stops")
    scene.sink.loop.call(time.sleep, seconds(scene))
    time.sleep(seconds(scene))
    scene.note("the relay goes on")


FAULTS = (
    Fault("stop-redis", "SIGSTOP of Redis", stopper(lambda scene: scene.redis)),
    Fault("stop-rabbitmq", "SIGSTOP of RabbitMQ",
          stopper(lambda scene: scene.rabbitmq)),
    Fault("stop-relay", "SIGSTOP of the relay", stop_relay, doubt=True),
    Fault("stop-worker", "SIGSTOP of a worker, while the other goes on",
          stopper(lambda scene: scene.chance.choice(scene.workers)),
          doubt=True),
    Fault("stop-api", "SIGSTOP of the API",
          stopper(lambda scene: scene.rig.api)),
)
