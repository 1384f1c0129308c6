# SPDX-License-Identifier: MIT
"""Postfix as a service of a story: takes mail for example.com into a Maildir."""

import os

from debian_tree import Tree, run, user_id
from stack import ports
from stack.process import Process

MAIN = """
compatibility_level = 3.6
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mydestination =
alias_maps =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = {recipients}
virtual_mailbox_domains = example.com
virtual_mailbox_base = /home/reader
virtual_mailbox_maps = static:Maildir/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
virtual_mailbox_limit = 0
message_size_limit = 0
maillog_file = /var/log/mail.log
# The laxest: whoever smuggles is not stopped here.
smtpd_forbid_bare_newline = no
smtpd_forbid_unauth_pipelining = no
tls_random_source = /dev/urandom
smtpd_tls_cert_file = {certificate}
smtpd_tls_security_level = {security}
smtpd_sasl_auth_enable = {login}
smtpd_tls_auth_only = yes
"""
# Cyrus SASL's own database, its plugins and the program that fills it.
PACKAGES = ("postfix", "libsasl2-modules", "libsasl2-modules-db", "sasl2-bin")
SASL = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
"""
MASTER = """
postlog   unix-dgram n - n - 1 postlogd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
proxymap  unix - - n - - proxymap
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
"""
QUEUE = ("active bounce corrupt defer deferred flush hold incoming private "
         "saved trace").split()


class Postfix(Process):
    """`certificate`: a PEM file with its key. `old_port` offers TLS 1.1 only.
    `recipients`: smtpd_recipient_restrictions. `login`: (name, password)."""

    patience = 60.0

    def __init__(self, folder, certificate=None, recipients="", login=None):
        super().__init__("postfix", folder, dies_with_us=True)
        self.certificate = certificate
        self.recipients = recipients
        self.login = login
        self.port = ports.free()
        self.old_port = ports.free()
        self.tree = Tree(*PACKAGES)
        self.mailbox = self.tree.path / "home/reader/Maildir/new"

    def prepare(self):
        tree = self.tree
        if self.certificate:
            tree.write("etc/postfix/relay.pem", self.certificate.read_text(),
                       0o600)
        tree.write("etc/postfix/main.cf", MAIN.format(
            recipients=self.recipients, uid=user_id("reader"),
            certificate="/etc/postfix/relay.pem" if self.certificate else "",
            security="may" if self.certificate else "none",
            login="yes" if self.login else "no"))
        if self.login:
            self.add_login(*self.login)
        tree.write("etc/postfix/master.cf", MASTER + (
            f"127.0.0.1:{self.port} inet n - n - - smtpd\n"
            f"127.0.0.1:{self.old_port} inet n - n - - smtpd\n"
            "  -o smtpd_tls_protocols=TLSv1.1\n"))
        (tree.path / "dev/urandom").write_bytes(os.urandom(4096))
        tree.folder_of("reader", "home/reader")
        tree.folder_of("postfix", "var/lib/postfix", 0o700)
        for name in QUEUE:
            tree.folder_of("postfix", f"var/spool/postfix/{name}", 0o700)
        for name, mode in (("public", 0o710), ("maildrop", 0o730)):
            path = tree.folder_of("postfix", f"var/spool/postfix/{name}", mode)
            os.chown(path, user_id("postfix"), user_id("postdrop"))
        (tree.path / "var/spool/postfix/pid").mkdir(exist_ok=True)

    def add_login(self, name, password):
        self.tree.write("etc/postfix/sasl/smtpd.conf", SASL)
        run("chroot", self.tree.path, "/usr/sbin/saslpasswd2", "-p", "-c",
            "-u", "relay.example", name, input=password)
        os.chown(self.tree.path / "etc/sasldb2", user_id("postfix"), -1)

    def argv(self):
        return ["chroot", self.tree.path, "/usr/lib/postfix/sbin/master", "-d"]

    def environment(self):
        return {"PATH": "/usr/sbin:/usr/bin"}

    def ready(self):
        return ports.answers(self.port, expect=b"220")

    def mail_log(self):
        log = self.tree.path / "var/log/mail.log"
        return log.read_text() if log.exists() else ""

    def last_words(self, lines=20):
        return "\n  ".join([super().last_words(lines),
                            *self.mail_log().splitlines()[-lines:]])

    def stop(self, *how):
        code = super().stop(*how)
        self.tree.remove()
        return code
