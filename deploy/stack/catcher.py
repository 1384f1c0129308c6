# SPDX-License-Identifier: MIT
"""
An SMTP server that keeps every mail as one .eml file and sends none on:
    PYTHONPATH=deploy /usr/bin/python3 -m stack.catcher PORT FOLDER
A file's name tells when, in what order and to whom; its content is the message
byte by byte as it came (RFC 5321 dot-stuffing undone).
"""

import asyncio
import datetime
import os
import pathlib
import re
import sys

from . import ports
from .process import Process


class Catcher(Process):
    def __init__(self, folder, port, mail, **how):
        super().__init__("catcher", folder, **how)
        self.port = port
        self.mail = pathlib.Path(mail)

    def environment(self):
        return self.env | {
            "PYTHONPATH": str(pathlib.Path(__file__).resolve().parents[1]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def argv(self):
        return ["/usr/bin/python3", "-m", "stack.catcher", self.port, self.mail]

    def ready(self):
        return ports.answers(self.port, expect=b"220")


class Mailbox:
    """The handler that aiosmtpd calls for each mail."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.caught = 0

    def name(self, recipients):
        now = datetime.datetime.now(datetime.timezone.utc)
        when = now.strftime("%Y%m%dT%H%M%S.") + f"{now.microsecond:06d}Z"
        to = re.sub(r"[^\w@.+,=-]", "_", ",".join(recipients), flags=re.A)
        return f"{when}-{self.caught:06d}-{to[:150]}.eml"

    async def handle_DATA(self, server, session, envelope):
        self.caught += 1
        name = self.name(envelope.rcpt_tos)
        draft = self.folder / f".{name}"
        draft.write_bytes(envelope.original_content)
        os.replace(draft, self.folder / name)
        print(f"caught {name}", flush=True)
        return f"250 2.0.0 caught as {self.caught:06d}"


async def catch(port, folder):
    from aiosmtpd.smtp import SMTP
    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, enable_SMTPUTF8=True, hostname="catcher",
                     data_size_limit=64 * 1024 * 1024, loop=loop),
        "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(catch(int(sys.argv[1]), sys.argv[2]))
