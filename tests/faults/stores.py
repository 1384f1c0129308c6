# SPDX-License-Identifier: MIT
"""Redis, RabbitMQ or a disk is full."""

import disk
from fault import Fault

JOURNAL = "the journal's disk refuses"


def redis_full(scene):
    """New mail is refused; what was accepted goes to its end meanwhile."""
    scene.store.config_set("maxmemory", "1mb")
    scene.note("Redis is full")
    scene.until_answered(503)
    scene.until(lambda: not scene.waiting(), "settled by a full Redis")
    scene.note("all is settled")
    scene.store.config_set("maxmemory", "0")


def memory_alarm(scene):
    scene.rabbitmq.evaluate(
        "vm_memory_monitor:set_vm_memory_high_watermark({absolute, 1000000})")
    scene.note("RabbitMQ's memory alarm")
    scene.until_answered(202)
    scene.pause(0.5, 2.0)
    scene.rabbitmq.evaluate(
        "vm_memory_monitor:set_vm_memory_high_watermark(0.4)")


def journal_full(scene):
    """Nothing is sent that could not be written down."""
    with scene.disk.full():
        scene.note("the journals' disk is full")
        scene.until(lambda: JOURNAL in scene.reasons(), "noticed")
        scene.pause(0.2, 1.0)
    scene.note("it has room")


def redis_disk_full(scene):
    """With appendfsync always Redis ends itself rather than lose a write."""
    with scene.disk.full():
        scene.note("Redis' disk is full")
        scene.until(lambda: not scene.redis.alive(), "ended")
        scene.note("Redis ended itself")
        scene.redis.stop()
        scene.until_answered(503)
        scene.pause(0.2, 1.0)
    scene.note("it has room")
    scene.start_again(scene.redis)


FAULTS = (
    Fault("redis-full", "Redis at maxmemory", redis_full),
    Fault("memory-alarm", "RabbitMQ's memory alarm", memory_alarm),
    Fault("journal-full", "journal on a full disk", journal_full,
          disk=("state", "256k"), lacks=disk.refused),
    Fault("redis-disk-full", "Redis on a full disk", redis_disk_full,
          disk=("redis", "64m"), lacks=disk.refused),
)
