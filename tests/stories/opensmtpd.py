# SPDX-License-Identifier: MIT
"""OpenSMTPD as a service of a story: takes mail for example.com into a Maildir."""

from debian_tree import Tree, run
from stack import ports
from stack.process import Process

CONFIG = """
pki relay.example cert "/etc/relay.pem"
pki relay.example key "/etc/relay.key"
table readers {{ "@example.com" = "reader" }}
table logins {{ {name} = "{password}" }}
listen on 127.0.0.1 port {port} hostname relay.example tls pki relay.example
listen on 127.0.0.1 port {login_port} hostname relay.example \
  tls-require pki relay.example auth <logins>
action "in" maildir "/home/reader/Maildir" virtual <readers>
match from any for domain "example.com" action "in"
"""


def encrypted(password):
    return run("openssl", "passwd", "-6", password).strip()


class OpenSmtpd(Process):
    """`certificate`: a PEM file with its key. `login_port` wants TLS and a
    login."""

    patience = 60.0

    def __init__(self, folder, certificate, name, password):
        super().__init__("opensmtpd", folder, dies_with_us=True)
        self.certificate = certificate
        self.login = {"name": name, "password": encrypted(password)}
        self.port = ports.free()
        self.login_port = ports.free()
        self.tree = Tree("opensmtpd")
        self.mailbox = self.tree.path / "home/reader/Maildir/new"

    def prepare(self):
        tree = self.tree
        for name in ("relay.pem", "relay.key"):
            tree.write(f"etc/{name}", self.certificate.read_text(), 0o600)
        tree.write("etc/smtpd.conf", CONFIG.format(
            port=self.port, login_port=self.login_port, **self.login), 0o600)
        tree.folder_of("reader", "home/reader")
        (tree.path / "var/lib/opensmtpd/empty").mkdir(parents=True,
                                                      exist_ok=True)
        (tree.path / "var/spool").chmod(0o755)

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
