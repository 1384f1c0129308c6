# SPDX-License-Identifier: MIT
"""A FastCGI client without a web server: it can say what none would say."""

import fcntl
import os
import socket
import struct
import termios

from stack.answer import Answer

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
RESPONDER = 1


def record(kind, content=b""):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def pair(name, value):
    name, value = name.encode(), value.encode()
    return struct.pack(">II", len(name) | 1 << 31, len(value) | 1 << 31
                       ) + name + value


def request(params, body):
    """`params`: (name, value) pairs, a name may come twice."""
    content = b"".join(pair(name, value) for name, value in params)
    return (record(BEGIN, struct.pack(">HB5x", RESPONDER, 0))
            + record(PARAMS, content) + record(PARAMS)
            + (record(STDIN, body) if body else b"") + record(STDIN))


def connect(path):
    """A unix socket's path may be longer than an address holds."""
    folder = os.open(path.parent, os.O_PATH)
    try:
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(10)
        link.connect(f"/proc/self/fd/{folder}/{path.name}")
        return link
    finally:
        os.close(folder)


def stdout(stream):
    """What the responder writes until it ends the request."""
    text = b""
    while True:
        _, kind, _, length, padding, _ = struct.unpack(">BBHHBB",
                                                       stream.read(8))
        content = stream.read(length)
        stream.read(padding)
        if kind == END:
            return text
        if kind == STDOUT:
            text += content


def is_read(link):
    """Whether the responder has taken all that we sent: unix(7), SIOCOUTQ."""
    unread = fcntl.ioctl(link, termios.TIOCOUTQ, bytes(4))
    return not any(unread)


def answer(stream):
    head, _, content = stdout(stream).partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1)
                   for line in head.decode().split("\r\n"))
    return Answer(int(headers["Status"][:3]), headers, content)


def ask(path, params, body=b""):
    with connect(path) as link, link.makefile("rb") as stream:
        link.sendall(request(params, body))
        return answer(stream)
