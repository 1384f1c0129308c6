# SPDX-License-Identifier: MIT
"""API keys, by `postrider keys`."""

from client import Client
from command import Command

OPTIONS = {"expires_at": "expires"}  # fields that have another name there


class Keys:
    def __init__(self, rig):
        self.rig = rig
        self.postrider = Command({"REDIS_URL": rig.redis.url})

    def run(self, *args):
        said = self.postrider("keys", *args)
        assert said.status == 0, said
        return said

    def add(self, scopes="send,read", name="story", **fields):
        """The token of a new key."""
        return self.run("add", name, "--scopes", scopes, *(
            f"--{OPTIONS.get(field, field)}={text}"
            for field, text in fields.items())).out.strip()

    def client(self, *args, **fields):
        return Client(self.rig.lighttpd.url, self.add(*args, **fields))

    def list(self):
        """{id: fields}"""
        return {key["id"]: key for key in self.run("list", "--json").jsons}

    def revoke(self, token):
        self.run("revoke", key_id(token))

    def rotate(self, token, overlap_ms):
        return self.run("rotate", key_id(token), "--overlap",
                        f"{overlap_ms}ms").out.strip()


def key_id(token):
    return token.split("_")[1]
