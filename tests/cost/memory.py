# SPDX-License-Identifier: MIT
"""
How often a large mail is in memory: the peak of the resident memory (VmHWM)
that one of 15 MB adds to the API and to the worker, by the mail's bytes. The
programs are those that are built as `release`: a sanitizer keeps what is freed.
"""

import base64
import contextlib
import pathlib
import random
import re

from stack_costs import rig_of

FILE = 15_000_000
TEXT = 10_000_000
WORDS = "Your order 4711 has left our warehouse and is on its way. "


def mails():
    """{kind: (fields, bytes that the mail has)}"""
    content = random.Random(8).randbytes(FILE)
    text = (WORDS * 16 + "\n") * (TEXT // (16 * len(WORDS) + 1))
    return {
        "file": ({"attachments": [{
            "filename": "film.mp4",
            "content": base64.b64encode(content).decode()}]}, FILE),
        "text": ({"body": text.replace("\n", "", 1) + "\n"}, len(text)),
        "html": ({"html": text}, len(text)),
    }


def count(built):
    """({figure: number}, {figure: how to look at it})."""
    with contextlib.ExitStack() as ends:
        rig = rig_of(built, ends)
        rig.start()
        send(rig, {})
        seen = {}
        for kind, (fields, size) in mails().items():
            before = {one: reset_peak(one.pid) for one in (rig.api, rig.worker)}
            send(rig, fields)
            for one, resident in before.items():
                seen[f"{one.name}.{kind}.copies"] = (
                    memory(one.pid, "VmHWM") - resident) / size
        return seen, {}


def send(rig, fields):
    rig.client.wait(rig.client.send(**fields), "completed", seconds=60)


def reset_peak(pid):
    """The peak is from now on; what is resident now."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    return memory(pid, "VmRSS")


def memory(pid, what):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(re.search(rf"^{what}:\s+(\d+) kB", status, re.M)[1])
