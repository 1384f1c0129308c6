# SPDX-License-Identifier: MIT
"""Postgrey, a policy service for Postfix: who is new is told to come again."""

import os

from debian_tree import Tree
from stack import ports
from stack.process import Process

NOBODY = 65534


class Postgrey(Process):
    """`delay`: whole seconds before a new (client, sender, recipient) may."""

    def __init__(self, folder, delay):
        super().__init__("postgrey", folder, dies_with_us=True)
        self.delay = delay
        self.port = ports.free()
        self.tree = Tree("postgrey")
        self.database = self.tree.path / "var/lib/postgrey"

    def prepare(self):
        self.database.mkdir(parents=True, exist_ok=True)
        os.chown(self.database, NOBODY, NOBODY)

    def argv(self):
        usr = self.tree.path / "usr"
        modules = [usr / "share/perl5", *usr.glob("lib/*/perl5/*")]
        return ["perl", "-T", *(f"-I{folder}" for folder in modules),
                usr / "sbin/postgrey", f"--inet=127.0.0.1:{self.port}",
                "--user=nobody", "--group=nogroup", f"--delay={self.delay}",
                f"--dbdir={self.database}"]

    def environment(self):
        return {"PATH": "/usr/bin:/bin"}

    def ready(self):
        return ports.answers(self.port)

    def stop(self, *how):
        code = super().stop(*how)
        self.tree.remove()
        return code
