# SPDX-License-Identifier: MIT
"""A WebSocket client of plain bytes: it can say what no library would say."""

import os
import socket
import struct

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PATIENCE = 60  # s


def request(path="/ws", **headers):
    """`headers`: over the usual ones, _ for -; None: without it."""
    usual = {"Host": "events.example", "Upgrade": "websocket",
             "Connection": "Upgrade", "Sec-WebSocket-Key": KEY,
             "Sec-WebSocket-Version": "13"}
    usual |= {name.replace("_", "-"): value for name, value in headers.items()}
    return f"GET {path} HTTP/1.1\r\n".encode() + b"".join(
        f"{name}: {value}\r\n".encode() for name, value in usual.items()
        if value is not None) + b"\r\n"


def frame(opcode, payload=b"", fin=True, rsv=0, masked=True, length=None):
    """`length`: what the header says, if that is not true."""
    size = len(payload) if length is None else length
    head = bytes([fin << 7 | rsv << 4 | opcode])
    bit = masked << 7
    if size < 126:
        head += bytes([bit | size])
    elif size < 1 << 16:
        head += struct.pack(">BH", bit | 126, size)
    else:
        head += struct.pack(">BQ", bit | 127, size)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(
        byte ^ mask[at % 4] for at, byte in enumerate(payload))


class Frames:
    def __init__(self, peer, asks=None):
        """`peer`: a connected socket, or the port of one on 127.0.0.1."""
        self.peer = peer if isinstance(peer, socket.socket) else \
            socket.create_connection(("127.0.0.1", peer))
        self.peer.settimeout(PATIENCE)
        self.bytes = self.peer.makefile("rb")
        self.say(request() if asks is None else asks)
        self.status = int(self.bytes.readline().split()[1])
        self.headers = {}
        while line := self.bytes.readline().strip().decode():
            name, _, value = line.partition(": ")
            self.headers[name.lower()] = value

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bytes.close()
        self.peer.close()

    def say(self, *frames):
        """What the other side does not take any more is nobody's loss."""
        try:
            self.peer.sendall(b"".join(frames))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def read(self):
        """(first byte, payload), or None at the end."""
        head = self.bytes.read(2)
        if len(head) < 2:
            return None
        size = head[1]
        assert size < 128, "a server masks nothing"
        if size == 126:
            size = struct.unpack(">H", self.bytes.read(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.bytes.read(8))[0]
        return head[0], self.bytes.read(size)

    def until(self, opcode):
        """The payload of the next frame with it."""
        while got := self.read():
            if got[0] & 15 == opcode:
                return got[1]
        raise AssertionError(f"no frame with opcode {opcode}")

    def code(self):
        """That of the close it is sent; None: without one."""
        try:
            payload = self.until(CLOSE)
        except (AssertionError, ConnectionResetError):
            return None
        return struct.unpack(">H", payload[:2])[0] if payload else 1005
