# SPDX-License-Identifier: MIT
"""What a network does, on the links of API and workers."""

from fault import Fault

BOTH = ("up", "down")
TIMES = 3  # a round


def delay(scene, proxy):
    pause = scene.chance.uniform(0.1, 1.5)
    for way in BOTH:
        proxy.delay(way, pause)
    scene.pause(0.3, 1.5)
    for way in BOTH:
        proxy.delay(way, 0)
    return f"delayed by {pause:.2f} s each way"


def cut(scene, proxy):
    for _ in range(3):
        proxy.cut()
        scene.pause(0.02, 0.3)
    return "cut three times"


def blackhole(scene, proxy):
    for way in BOTH:
        proxy.hold(way)
    scene.pause(0.5, 3.0)
    if scene.chance.random() < 0.5:
        proxy.cut()
    for way in BOTH:
        proxy.release(way)
    return "black hole"


def trickle(scene, proxy):
    piece = scene.chance.randrange(16, 256)
    for way in BOTH:
        proxy.trickle(way, piece, 0.01)
    scene.pause(0.3, 1.5)
    for way in BOTH:
        proxy.trickle(way, 65536, 0)
    return f"trickles by {piece} bytes"


def lose_replies(scene, proxy):
    """What was asked has been done; the answer is cut off."""
    proxy.hold("down")
    scene.until(lambda: proxy.waiting["down"], "answered")
    scene.pause(0, 0.1)
    proxy.cut()
    proxy.release("down")
    return "cut before the answer"


def on_links(do, *peers):
    def act(scene):
        for _ in range(TIMES):
            name, proxy = scene.link(scene.chance.choice(peers))
            scene.note(f"{name}: {do.__name__}")
            scene.note(f"{name}: {do(scene, proxy)}")
            scene.pause(0, 0.4)
    return act


INSIDE = ("redis", "rabbitmq")
FAULTS = (
    Fault("delay", "links to Redis and RabbitMQ slow, 0.1-1.5 s each way",
          on_links(delay, *INSIDE)),
    Fault("cut", "links to Redis and RabbitMQ cut",
          on_links(cut, *INSIDE)),
    Fault("blackhole", "links to Redis and RabbitMQ pass nothing on",
          on_links(blackhole, *INSIDE)),
    Fault("trickle", "links to Redis and RabbitMQ trickle",
          on_links(trickle, *INSIDE)),
    Fault("lose-confirms", "RabbitMQ's confirms lost: cut after the publish",
          on_links(lose_replies, "rabbitmq")),
    Fault("lose-replies", "Redis' replies lost: cut after the command",
          on_links(lose_replies, "redis")),
    Fault("delay-relay", "links to the relay slow", on_links(delay, "relay"),
          doubt=True),
    Fault("cut-relay", "links to the relay cut", on_links(cut, "relay"),
          doubt=True),
    Fault("blackhole-relay", "links to the relay pass nothing on",
          on_links(blackhole, "relay"), doubt=True),
    Fault("trickle-relay", "links to the relay trickle",
          on_links(trickle, "relay"), doubt=True),
)
