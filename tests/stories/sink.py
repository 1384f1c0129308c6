# SPDX-License-Identifier: MIT
"""
An SMTP server that plays any relay and records what it was told, byte by byte.
A test scripts it with rules, from its own thread:

    sink.on("rcpt", reply="550 5.1.1 no such user", to="a@example.com")
    held = sink.on("dot", hold=True, after=20)      ...  held.release()

Steps: connect ehlo mail rcpt data dot rset noop quit. The first rule that fits
acts; without one the mail is taken.
"""

import asyncio
import re
import time

from loop import Loop
from stack import ports

EXTENSIONS = ("PIPELINING", "8BITMIME", "SIZE 52428800", "SMTPUTF8",
              "ENHANCEDSTATUSCODES")
REPLIES = {
    "connect": "220 sink.example ESMTP",
    "mail": "250 2.1.0 sender ok",
    "rcpt": "250 2.1.5 recipient ok",
    "too many": "452 4.5.3 Too many recipients",
    "data": "354 go ahead",
    "rset": "250 2.0.0 reset",
    "noop": "250 2.0.0 ok",
    "quit": "221 2.0.0 bye",
}


class Rule:
    """What to do at a step, for the matches after the first `after` ones, at
    most `times` times. `reply` is text ("550 a\\n550 b" for two lines), bytes
    that are sent as they stand, or None for the usual one; it is said byte by
    byte when `drip` (seconds) is between them;
    `cut` closes after `part` of a reply; `hold` waits for release()."""

    def __init__(self, sink, step, reply=None, delay=0, hold=False, cut=False,
                 part="", drip=0, to=None, after=0, times=None):
        self.sink = sink
        self.step = step
        self.reply = reply
        self.delay = delay
        self.cut = cut
        self.part = part
        self.drip = drip
        self.to = to
        self.after = after
        self.times = times
        self.matches = 0
        self.hits = 0
        self.holding = 0
        self.released = asyncio.Event()
        if not hold:
            self.released.set()

    def takes(self, step, recipients):
        if step != self.step or (self.to and self.to not in recipients):
            return False
        self.matches += 1
        if self.matches <= self.after or self.hits == self.times:
            return False
        self.hits += 1
        return True

    async def wait(self):
        self.holding += 1
        try:
            await asyncio.sleep(self.delay)
            await self.released.wait()
        finally:
            self.holding -= 1

    def release(self):
        """Whatever is held goes on, and nothing more is held."""
        self.sink.loop.call(self.released.set)

    def wait_hit(self, seconds=30):
        """Until it has acted, and no more."""
        deadline = time.monotonic() + seconds
        while not self.hits:
            assert time.monotonic() < deadline, f"no {self.step}"
            time.sleep(0.01)
        self.remove()

    def remove(self):
        self.release()
        self.sink.rules.remove(self)


class Mail:
    def __init__(self, connection, sender):
        self.connection = connection
        self.sender = sender
        self.parameters = ""  # what follows MAIL FROM:<...>
        self.recipients = []  # taken by us
        self.asked = {}  # what follows RCPT TO:<...>, by address
        self.refused = []
        self.raw = b""  # as it came, without the last line's dot
        self.time = None  # when the dot was here
        self.reply = None  # what was said to the dot

    @property
    def data(self):
        """The message: dot-stuffing undone (RFC 5321 4.5.2)."""
        return re.sub(rb"(^|\r\n)\.", rb"\1", self.raw)

    @property
    def taken(self):
        return bool(self.reply) and self.reply.startswith("2")


class Connection(asyncio.Protocol):
    """One client: `chunks` are the reads, (time, bytes) each."""

    def __init__(self, sink):
        self.sink = sink
        self.chunks = []
        self.buffer = bytearray()
        self.open = True
        self.more = asyncio.Event()
        self.mail = None
        self.drip = 0

    # -- asyncio's side

    def connection_made(self, transport):
        self.transport = transport
        self.sink.came(self)
        self.task = asyncio.get_running_loop().create_task(self.talk())

    def data_received(self, data):
        self.chunks.append((time.time(), data))
        self.buffer += data
        self.more.set()

    def connection_lost(self, fault):
        self.open = False
        self.more.set()
        self.sink.left(self)

    # -- the dialogue

    async def read_until(self, end):
        """The bytes before `end`, which is taken too; EOFError."""
        looked = 0
        while True:
            at = self.buffer.find(end, max(0, looked - len(end)))
            if at >= 0:
                found = bytes(self.buffer[:at])
                del self.buffer[:at + len(end)]
                return found
            looked = len(self.buffer)
            if not self.open:
                raise EOFError
            self.more.clear()
            await self.more.wait()

    async def decide(self, step, usual, recipients=()):
        """The reply to a step, as its rule wants it."""
        rule = self.sink.rule(step, recipients)
        reply = usual
        if rule:
            await rule.wait()
            if rule.cut:
                self.transport.write(rule.part.encode())
                self.transport.abort()
                raise EOFError
            reply = rule.reply or usual
            self.drip = rule.drip
        if not self.open:
            raise EOFError
        return reply

    async def say(self, step, usual, recipients=()):
        """Answers a step; the reply that went out."""
        reply = await self.decide(step, usual, recipients)
        await self.write(reply)
        return text_of(reply)

    async def write(self, reply):
        drip, self.drip = self.drip, 0
        if not drip:
            self.transport.write(wire(reply))
            return
        for byte in wire(reply):
            self.transport.write(bytes([byte]))
            await asyncio.sleep(drip)

    async def talk(self):
        try:
            await self.say("connect", REPLIES["connect"])
            while True:
                line = (await self.read_until(b"\r\n")).decode("utf-8",
                                                               "replace")
                verb = line[:4].strip().lower()
                handle = getattr(self, f"on_{verb}", None)
                if handle:
                    await handle(line)
                else:
                    self.transport.write(b"500 5.5.1 unknown command\r\n")
        except EOFError:
            self.transport.close()

    async def on_ehlo(self, line):
        lines = ["sink.example", *self.sink.extensions]
        await self.say("ehlo", "\n".join(f"250 {text}" for text in lines))

    async def on_helo(self, line):
        await self.say("ehlo", "250 sink.example")

    async def on_mail(self, line):
        sender, parameters = envelope_address(line)
        reply = await self.say("mail", REPLIES["mail"], [sender])
        if reply.startswith("2"):
            self.mail = Mail(self, sender)
            self.mail.parameters = parameters

    async def on_rcpt(self, line):
        recipient, parameters = envelope_address(line)
        if not self.mail:
            self.transport.write(b"503 5.5.1 MAIL first\r\n")
            return
        full = len(self.mail.recipients) == self.sink.recipients_max
        reply = await self.say(
            "rcpt", REPLIES["too many" if full else "rcpt"], [recipient])
        kept = (self.mail.recipients if reply.startswith("2")
                else self.mail.refused)
        kept.append(recipient)
        self.mail.asked[recipient] = parameters

    async def on_data(self, line):
        mail = self.mail
        if not mail:
            self.transport.write(b"503 5.5.1 MAIL first\r\n")
            return
        usual = (REPLIES["data"] if mail.recipients
                 else "554 5.5.1 no valid recipients")
        reply = await self.say("data", usual, mail.recipients)
        if not reply.startswith("354"):
            return
        # The CRLF before the dot belongs to the message (RFC 5321 4.1.1.4).
        self.buffer[:0] = b"\r\n"
        text = await self.read_until(b"\r\n.\r\n")
        mail.raw = text[2:] + b"\r\n" if text else b""
        mail.time = time.time()
        self.mail = None
        number = self.sink.seen_mail(mail)
        reply = await self.decide("dot", f"250 2.0.0 taken as {number}",
                                  mail.recipients)
        mail.reply = text_of(reply)
        # Recorded first: whoever sees the reply finds the mail here.
        if mail.taken:
            self.sink.mails.append(mail)
        await self.write(reply)

    async def on_rset(self, line):
        self.mail = None
        await self.say("rset", REPLIES["rset"])

    async def on_noop(self, line):
        await self.say("noop", REPLIES["noop"])

    async def on_quit(self, line):
        await self.say("quit", REPLIES["quit"])
        raise EOFError


def text_of(reply):
    return reply.decode("latin-1") if isinstance(reply, bytes) else reply


def wire(reply):
    """`250 a\\n250 b` as it is sent: all but the last line have a hyphen."""
    if isinstance(reply, bytes):
        return reply
    *more, last = reply.split("\n")
    lines = [f"{line[:3]}-{line[4:]}" for line in more] + [last]
    return "".join(f"{line}\r\n" for line in lines).encode()


def envelope_address(line):
    """("a@b", "SIZE=3") of `MAIL FROM:<a@b> SIZE=3`."""
    address, _, parameters = line.partition("<")[2].partition(">")
    return address, parameters.strip()


class Sink:
    def __init__(self, extensions=EXTENSIONS):
        self.extensions = extensions
        self.recipients_max = None  # of one mail
        self.rules = []
        self.mails = []  # taken, in order
        self.seen = []  # the dot was here, whatever was said to it
        self.connections = []  # all that ever were
        self.now_open = 0
        self.peak = 0  # most at a time
        self.port = ports.free()
        self.loop = Loop()
        self.server = None
        self.listen()

    # -- for the test

    def on(self, step, **what):
        rule = Rule(self, step, **what)
        self.rules.append(rule)
        return rule

    def wait(self, count, seconds=30):
        """The mails, once that many are taken."""
        deadline = time.monotonic() + seconds
        while len(self.mails) < count:
            assert time.monotonic() < deadline, (
                f"{len(self.mails)} of {count} mails after {seconds} s")
            time.sleep(0.02)
        return list(self.mails)

    def listen(self):
        """Takes connections, at first and again after down()."""
        async def create():
            return await asyncio.get_running_loop().create_server(
                lambda: Connection(self), "127.0.0.1", self.port, backlog=1024)
        self.server = self.loop.run(create())

    def down(self):
        """Refuses connections and cuts those there are."""
        self.loop.run(self.close_all())

    def stop(self):
        self.down()
        self.loop.close()

    # -- for the connections, in the loop

    def came(self, connection):
        self.connections.append(connection)
        self.now_open += 1
        self.peak = max(self.peak, self.now_open)

    def left(self, connection):
        self.now_open -= 1

    def rule(self, step, recipients):
        return next((rule for rule in list(self.rules)
                     if rule.takes(step, recipients)), None)

    def seen_mail(self, mail):
        self.seen.append(mail)
        return len(self.seen)

    async def close_all(self):
        self.server.close()
        for connection in self.connections:
            if connection.open:
                connection.transport.abort()
        await self.server.wait_closed()
        while self.now_open:
            await asyncio.sleep(0.005)
