# SPDX-License-Identifier: MIT
"""
limits.txt: what a mail may cost. A row is
    NAME  SEEN  ROOM%  what it is
SEEN was counted when the row was written; more than ROOM above it is a fault.
So is less than LOW (or ROOM, if that is more) below it: then the row has to
follow, or the next change could lose all of it unnoticed.
"""

import pathlib

FILE = pathlib.Path(__file__).with_name("limits.txt")
LOW = 20  # %


class Limit:
    def __init__(self, seen, room, about):
        self.seen = seen
        self.room = room  # %
        self.about = about

    @property
    def most(self):
        return self.seen * (1 + self.room / 100)

    @property
    def least(self):
        return self.seen * (1 - max(LOW, self.room) / 100)


def read(text):
    """{name: Limit}; a row that is none is an error."""
    limits = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, seen, room, about = line.split(maxsplit=3)
        if name in limits:
            raise ValueError(f"{name} stands there twice")
        limits[name] = Limit(float(seen), float(room.removesuffix("%")), about)
    return limits


def rewritten(text, seen):
    """The same file with what was seen now in its rows."""
    lines = []
    for line in text.splitlines():
        name = line.split(maxsplit=1)[0] if line.strip() else ""
        if name in seen:
            _, _, room, about = line.split(maxsplit=3)
            line = row(name, seen[name], room, about)
        lines.append(line)
    return "\n".join(lines) + "\n"


def row(name, seen, room, about):
    return f"{name:<33} {number(seen):>9} {room:>5}  {about}"


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def judge(name, seen, limits):
    """What is wrong with it, or None."""
    limit = limits.get(name)
    if limit is None:
        return f"{name}: {number(seen)}, and limits.txt has no row for it"
    if seen > limit.most:
        return (f"{name}: {number(seen)}, and {number(limit.most)} is the "
                f"limit ({limit.about})")
    if seen < limit.least:
        return (f"{name}: {number(seen)}, {1 - seen / limit.seen:.0%} less "
                f"than limits.txt says: lower its row to keep that")
    return None


def compare(seen, limits):
    """What is wrong with all of it; rows of `limits` that nobody counted any
    more are, too."""
    faults = [judge(name, value, limits) for name, value in seen.items()]
    faults += [f"{name}: was not counted" for name in limits
               if name not in seen]
    return [fault for fault in faults if fault]
