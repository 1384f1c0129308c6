# SPDX-License-Identifier: MIT
"""What a relay does, and what a worker's end right then does."""

import collections
import re

from fault import Fault

LATER = {"connect": "421 4.3.2 too busy", "mail": "451 4.3.0 later",
         "rcpt": "450 4.2.1 greylisted", "data": "451 4.3.0 later",
         "dot": "452 4.3.1 disk full"}
DOTS = 6  # without a reply


def storm(scene):
    """Each step says no for a while, one after the other."""
    for step in scene.chance.sample(sorted(LATER), len(LATER)):
        scene.note(f"the relay says {LATER[step]} at {step}")
        rule = scene.relay(step, reply=LATER[step])
        scene.until(lambda: rule.hits, "so many at it")
        scene.pause(0.1, 0.6)
        rule.remove()


def silent(scene):
    before = scene.unknown_attempts()
    rule = scene.relay("dot", hold=True, after=scene.chance.randrange(10),
                       times=DOTS)
    scene.until(lambda: scene.unknown_attempts() >= before + DOTS,
                "given up by the workers")
    scene.note(f"the relay was silent after {DOTS} dots")
    rule.remove()


def take_and_drop(scene):
    """Every mail until the end: each comes 1 + UNKNOWN_MAX times, and is left
    to a person."""
    before = len(scene.sink.seen)
    already = {to for mail in scene.sink.seen for to in mail.recipients}
    rule = scene.relay("dot", cut=True)
    scene.note("the relay takes each mail and drops the line")
    scene.until(lambda: rule.hits >= 40, "dropped 40 times")
    scene.load.stop()
    scene.until(lambda: not scene.waiting(), "drained")
    rule.remove()
    copies = collections.Counter(
        to for mail in scene.sink.seen[before:] for to in mail.recipients)
    times = {count for to, count in copies.items() if to not in already}
    assert times == {1 + int(scene.rig.env["UNKNOWN_MAX"])}, copies


def drop_after_reply(scene):
    """The line breaks with the 250 on it."""
    for _ in range(3):
        name, proxy = scene.link("relay")
        proxy.hold("down")
        taken = len(scene.sink.mails)
        scene.until(lambda: len(scene.sink.mails) > taken and
                    proxy.waiting["down"], "250 said")
        proxy.cut()
        proxy.release("down")
        scene.note(f"{name}: cut with the 250 on the line")


def down(scene):
    scene.sink.down()
    scene.note("the relay is down")
    scene.pause(0.3, 3.0)
    scene.sink.listen()
    scene.note("the relay is up")


def kill_after_reply(scene):
    """The relay said 250, the worker wrote it down, Redis was not told."""
    worker = scene.chance.choice(scene.workers)
    proxy = scene.links[f"{worker.name}-redis"]
    journal = scene.journal(worker)
    proxy.hold("up")
    scene.note(f"{worker.name}: nothing reaches Redis")
    scene.until(lambda: proxy.waiting["up"] and
                all_replied(journal, scene.load.name),
                "replies in the journal")
    worker.kill()
    scene.note(f"kill -9 {worker.name}")
    proxy.cut()
    proxy.release("up")
    scene.start_again(worker)


def all_replied(journal, name):
    """Whether each D of this load has its R, and one is there."""
    text = journal.read_text()
    dots = set(re.findall(rf"^D (\S+ \d+) {name}-", text, re.M))
    return dots and dots <= set(re.findall(r"^R (\S+ \d+) ", text, re.M))


FAULTS = (
    Fault("storm", "relay: 421 and 4xx at every step", storm),
    Fault("silent-dot", "relay: silent after the dot", silent, doubt=True),
    Fault("take-and-drop", "relay: takes every mail and drops the line",
          take_and_drop, doubt=True),
    Fault("lose-250", "relay's 250 lost: cut after it was said",
          drop_after_reply, doubt=True),
    Fault("relay-down", "relay away", down, doubt=True),
    Fault("kill-after-250", "`kill -9` of a worker between the relay's 250 and "
          "Redis", kill_after_reply),
)
