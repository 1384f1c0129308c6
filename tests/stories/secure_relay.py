# SPDX-License-Identifier: MIT
"""A relay with TLS and AUTH: aiosmtpd, with the faults that a test asks for."""

import base64
import re
import ssl
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from loop import Loop
from stack import ports

MECHANISMS = ("PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER", "CRAM-MD5")


def server_context(certificate, newest=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if newest:
        context.set_ciphers("ALL:@SECLEVEL=0")  # lets TLS 1.1 be spoken
        with warnings.catch_warnings(action="ignore"):  # of old versions
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
    return context


class Mail:
    def __init__(self, server, session, envelope):
        self.client = session.host_name  # as it said in EHLO
        self.sender = envelope.mail_from
        self.options = envelope.mail_options
        self.to = envelope.rcpt_tos
        self.data = envelope.original_content
        self.tls = server.transport.get_extra_info("cipher")  # None: in clear
        self.login = session.auth_data


class Dialogue(SMTP):
    """STARTTLS may be refused, and every byte is kept."""

    refusal = None
    said = None

    async def smtp_STARTTLS(self, arg):
        if self.refusal:
            await self.push(self.refusal)
        else:
            await super().smtp_STARTTLS(arg)

    def data_received(self, data):
        self.said.append(data)
        super().data_received(data)


class SecureRelay:
    """`secrets`: name -> password or token. `implicit`: TLS at once. `refusal`
    answers STARTTLS. `denial` answers a wrong login."""

    def __init__(self, certificate=None, implicit=False, newest=None,
                 refusal=None, mechanisms=(), secrets=None, denial=None,
                 login_in_clear=False):
        self.context = certificate and server_context(certificate, newest)
        self.implicit = implicit
        self.refusal = refusal
        self.mechanisms = mechanisms
        self.secrets = secrets or {}
        self.denial = denial
        self.login_in_clear = login_in_clear or implicit
        self.mails = []
        self.connections = 0
        self.logins = []  # (mechanism, whether it was right)
        self.said = []  # all that clients said, TLS taken off
        self.port = ports.free()
        self.loop = Loop()
        self.server = self.loop.run(self.listen())

    async def listen(self):
        return await self.loop.loop.create_server(
            self.dialogue, "127.0.0.1", self.port,
            ssl=self.context if self.implicit else None)

    def dialogue(self):
        self.connections += 1
        dialogue = Dialogue(
            self, hostname="relay.example", loop=self.loop.loop,
            enable_SMTPUTF8=True,
            tls_context=None if self.implicit else self.context,
            auth_require_tls=not self.login_in_clear,
            auth_exclude_mechanism=set(MECHANISMS) - set(self.mechanisms),
            authenticator=self.authenticate)
        dialogue.refusal = self.refusal
        dialogue.said = self.said
        return dialogue

    def taken(self, to):
        return [mail for mail in self.mails if to in mail.to]

    def stop(self):
        self.loop.run(self.close())
        self.loop.close()

    async def close(self):
        self.server.close()

    # -- what aiosmtpd calls

    async def handle_EHLO(self, server, session, envelope, name, replies):
        session.host_name = name
        return [line for line in replies
                if self.mechanisms or not line.startswith("250-AUTH")]

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(Mail(server, session, envelope))
        return "250 2.0.0 taken"

    def authenticate(self, server, session, envelope, mechanism, data):
        return self.judge(mechanism, data)

    def judge(self, mechanism, login):
        right = self.secrets.get(login.login.decode()) == (
            login.password.decode())
        self.logins.append((mechanism, right))
        if right:
            return AuthResult(success=True, auth_data=login)
        return AuthResult(success=False, handled=False, message=self.denial)

    async def bearer(self, mechanism, server, args, pattern):
        """Both ways to say a token; a wrong one gets a challenge first."""
        said = (base64.b64decode(args[1]) if len(args) > 1
                else await server.challenge_auth(""))
        name, token = re.fullmatch(pattern, said).groups()
        result = self.judge(mechanism, LoginPassword(name, token))
        if not result.success:
            await server.challenge_auth('{"status":"400"}')
        return result

    async def auth_XOAUTH2(self, server, args):
        return await self.bearer(
            "XOAUTH2", server, args,
            rb"user=(.*)\x01auth=Bearer (.*)\x01\x01")

    async def auth_OAUTHBEARER(self, server, args):
        return await self.bearer(
            "OAUTHBEARER", server, args,
            rb"n,a=(.*),\x01host=.*\x01auth=Bearer (.*)\x01\x01")

    async def auth_CRAM__MD5(self, server, args):
        return AuthResult(success=False, handled=False)
