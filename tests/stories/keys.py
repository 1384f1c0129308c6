# SPDX-License-Identifier: MIT
"""API keys, by the library that `postrider keys` manages them with."""

import subprocess

from client import Client
from rig import BUILD


class Keys:
    def __init__(self, rig):
        self.rig = rig

    def run(self, *args):
        done = subprocess.run(
            [BUILD / "tests" / "stories" / "story_keys", *map(str, args)],
            env=self.rig.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def add(self, scopes="send,read", name="story", **fields):
        """The token of a new key."""
        fields = {"name": name, "scopes": scopes} | fields
        return self.run("add", *(f"{field}={text}"
                                 for field, text in fields.items()))

    def client(self, *args, **fields):
        return Client(self.rig.lighttpd.url, self.add(*args, **fields))

    def list(self):
        """{id: fields}; a name without blanks."""
        keys = {}
        for line in self.run("list").splitlines():
            key_id, *fields = line.split(" ")
            keys[key_id] = dict(field.split("=", 1) for field in fields
                                if "=" in field)
        return keys

    def revoke(self, token):
        self.run("revoke", key_id(token))

    def rotate(self, token, overlap_ms):
        return self.run("rotate", key_id(token), overlap_ms)


def key_id(token):
    return token.split("_")[1]
