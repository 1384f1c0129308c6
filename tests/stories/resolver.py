# SPDX-License-Identifier: MIT
"""A real DNS server (dnsmasq) with the records that a story gives it."""

import socket

from stack import ports
from stack.process import Process


class Resolver(Process):
    """`records`: lines of dnsmasq(8)'s configuration."""

    def __init__(self, folder, records=(), **how):
        super().__init__("dnsmasq", folder, **how)
        self.port = ports.free()
        self.address = f"127.0.0.1:{self.port}"
        self.records = list(records)

    def prepare(self):
        self.conf = self.folder / "dnsmasq.conf"
        self.conf.write_text("\n".join([
            "no-resolv", "no-hosts", "pid-file=", "user=", "bind-interfaces",
            "listen-address=127.0.0.1", f"port={self.port}", *self.records]))

    def argv(self):
        return ["/usr/sbin/dnsmasq", "--keep-in-foreground", "--log-facility=-",
                f"--conf-file={self.conf}"]

    def ready(self):
        """It answers TCP, too."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
