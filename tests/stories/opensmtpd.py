# SPDX-License-Identifier: MIT
"""OpenSMTPD as a service of a story: takes mail for example.com into a Maildir.
Without TLS, which Debian 12's cannot do with its OpenSSL."""

from debian_tree import Tree
from stack import ports
from stack.process import Process

CONFIG = """
table readers {{ "@example.com" = "reader" }}
listen on 127.0.0.1 port {port} hostname relay.example
action "in" maildir "/home/reader/Maildir" virtual <readers>
match from any for domain "example.com" action "in"
"""


class OpenSmtpd(Process):
    patience = 60.0

    def __init__(self, folder):
        super().__init__("opensmtpd", folder, dies_with_us=True)
        self.port = ports.free()
        self.tree = Tree("opensmtpd")
        self.mailbox = self.tree.path / "home/reader/Maildir/new"

    def prepare(self):
        tree = self.tree
        tree.write("etc/smtpd.conf", CONFIG.format(port=self.port))
        tree.folder_of("reader", "home/reader")
        (tree.path / "var/lib/opensmtpd/empty").mkdir(parents=True,
                                                      exist_ok=True)

    def argv(self):
        return ["chroot", self.tree.path, "/usr/sbin/smtpd", "-d"]

    def environment(self):
        return {"PATH": "/usr/sbin:/usr/bin"}

    def ready(self):
        return ports.answers(self.port, expect=b"220")

    def stop(self, *how):
        code = super().stop(*how)
        self.tree.remove()
        return code
