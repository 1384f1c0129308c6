# SPDX-License-Identifier: MIT
"""
All that can be known of a round from the outside: what the clients were told
(letters), HTTP, Redis, the queues, the relay.
"""

import collections
import dataclasses
import json

STATUSES = ("queued", "scheduled", "processing", "retrying", "completed",
            "failed", "cancelled", "unknown")


@dataclasses.dataclass
class Evidence:
    letters: list
    jobs: dict  # {id: as GET /api/emails/{id} shows it}
    indexes: dict  # {status: its ids}
    stream: dict  # {id: entries of its history, as job_events had them}
    followed: dict  # {id: seqs, as /api/events told them}
    copies: dict  # {recipient: when the relay had it, each time}
    waiting: dict  # {what: how many} that is not over
    unknown_max: int


def gather(scene, load, since):
    """Of this load's mails; `since` is what mark() gave before it."""
    jobs = dict(jobs_of(scene.rig.client, load.name))
    return Evidence(
        letters=load.letters,
        jobs=jobs,
        indexes={status: set(scene.store.zrange(f"jobs:status:{status}", 0, -1))
                 for status in STATUSES},
        stream=stream_of(scene.store, since[0]),
        followed=scene.follower.seqs,
        copies=copies_of(scene.sink.seen[since[1]:]),
        waiting=scene.waiting(),
        unknown_max=int(scene.rig.env["UNKNOWN_MAX"]))


def mark(scene):
    return scene.last_event(), len(scene.sink.seen)


def jobs_of(client, name):
    """(id, job) of those with subjects of this load; newest pages first."""
    cursor = {}
    while True:
        page = client.history(limit=500, **cursor)
        ours = [job for job in page["jobs"]
                if job["subject"].rpartition("-")[0] == name]
        for job in ours:
            yield job["id"], job
        if not page["next_cursor"] or not ours:
            return
        cursor = {"cursor": page["next_cursor"]}


def stream_of(store, after):
    entries = collections.defaultdict(list)
    for _, fields in store.xrange("job_events", min=f"({after}"):
        event = json.loads(fields["event"])
        del event["last_error"]
        entries[event.pop("job_id")].append(event)
    return entries


def copies_of(mails):
    """A mail whose dot was here counts, unless the relay said no to it."""
    copies = collections.defaultdict(list)
    for mail in mails:
        if mail.reply is None or mail.taken:
            for recipient in mail.recipients:
                copies[recipient].append(mail.time)
    return copies
