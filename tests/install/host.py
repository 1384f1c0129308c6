# SPDX-License-Identifier: MIT
"""What was on the host before us, and is to be as it was."""

import hashlib
import os
import re
import stat

from machine import until
import trees

# Of ours in /etc. The rest of passwd and group has one line more.
OURS = re.compile(
    r"postrider($|/)|lighttpd/conf-(available|enabled)/50-postrider\.conf$"
    r"|systemd/system/[^/]+\.wants/(postrider-|redis-server@postrider\.)"
    r"|credstore(\.encrypted)?($|/)|redis/redis-postrider\.conf$")
ACCOUNTS = {"passwd", "group", "shadow", "gshadow", "subuid", "subgid"}
# Made anew by itself.
VOLATILE = re.compile(r"(passwd|group|shadow|gshadow|subuid|subgid)-$"
                      r"|\.pwd\.lock$|ld\.so\.cache$|mtab$|resolv\.conf$")
# Where things of others come and go, and where ours are said to stay.
BUSY = re.compile(r"/(proc|sys|dev|run|tmp|srv|opt|home|root|var/(log|cache|tmp"
                  r"|spool|lib/(redis|rabbitmq|dpkg|apt|systemd|private)))$")


def content(path, name):
    if name in ACCOUNTS:
        return sorted(line for line in path.read_text().splitlines()
                      if not line.startswith("postrider:"))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def settings(machine):
    """{name in /etc: all that matters of it}, without ours."""
    top, told = machine.path("etc"), {}
    for path in sorted(top.rglob("*")):
        name = str(path.relative_to(top))
        if OURS.match(name) or VOLATILE.match(name):
            continue
        info = path.lstat()
        what = None
        if stat.S_ISLNK(info.st_mode):
            what = os.readlink(path)
        elif stat.S_ISREG(info.st_mode):
            what = content(path, name)
        told[name] = (oct(info.st_mode), info.st_uid, info.st_gid, what)
    return told


def files(machine):
    """All names on its disk that are not of others' data."""
    found = set()
    for folder, folders, names in os.walk(machine.tree):
        here = "/" + os.path.relpath(folder, machine.tree)
        here = "" if here == "/." else here
        folders[:] = [name for name in folders
                      if not BUSY.match(f"{here}/{name}")]
        found |= {f"{here}/{name}" for name in folders + names}
    return found


def listening(machine):
    """address:port of all TCP sockets that are waited at."""
    said = machine.run("ss", "-H", "-l", "-t", "-n")
    return {line.split()[3] for line in said.splitlines()}


def site(machine):
    """What others' web site answers, on port 80."""
    return machine.run("curl", "-sS", "-i", "http://127.0.0.1/")


class Host:
    def __init__(self, machine):
        self.machine = machine
        self.settings = settings(machine)
        self.files = files(machine)
        self.sockets = listening(machine)
        self.page = self.without_date(site(machine))

    @staticmethod
    def without_date(answer):
        return re.sub(r"(?m)^Date: .*$", "", answer)

    def assert_as_before(self, *sockets):
        """But for ours in /etc, and these of ours that listen."""
        now = settings(self.machine)
        changed = [name for name in now.keys() | self.settings.keys()
                   if now.get(name) != self.settings.get(name)]
        if changed:
            raise trees.Failed(f"changed in /etc: {sorted(changed)}")
        until(f"listening: {sockets}", lambda: listening(
            self.machine) ^ self.sockets == set(sockets), 60)
        page = self.without_date(site(self.machine))
        if page != self.page:
            raise trees.Failed(f"port 80 answers {page}")

    def assert_nothing_left(self, *but):
        """No file more than before, and none of our name, but for these."""
        left = {name for name in files(self.machine) - self.files
                if not VOLATILE.search(name)} - set(but)
        if left:
            raise trees.Failed(f"left: {sorted(left)}")
