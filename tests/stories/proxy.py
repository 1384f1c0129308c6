# SPDX-License-Identifier: MIT
"""
A TCP proxy between two services, to hold what one says to the other ("up":
from who connected, "down": back to it), delay it, let it trickle, cut it, and
count it.
"""

import asyncio

from loop import Loop
from stack import ports

DIRECTIONS = ("up", "down")


class Proxy:
    def __init__(self, target_port, keeps=False):
        self.target_port = target_port
        self.keeps = keeps  # what went through, in `passed`
        self.port = ports.free()
        self.count = dict.fromkeys(DIRECTIONS, 0)  # bytes passed on
        self.waiting = dict.fromkeys(DIRECTIONS, 0)  # bytes held now
        self.passed = {way: bytearray() for way in DIRECTIONS}
        self.pause = dict.fromkeys(DIRECTIONS, 0)  # s before each read goes on
        self.piece = dict.fromkeys(DIRECTIONS, 65536)  # bytes of a read
        self.links = set()  # (writer, writer) of each connection
        self.connections = 0  # ever
        self.loop = Loop()
        self.open = {way: asyncio.Event() for way in DIRECTIONS}
        for way in DIRECTIONS:
            self.release(way)
        self.server = self.loop.run(asyncio.start_server(
            self.link, "127.0.0.1", self.port))

    # -- for the test

    def hold(self, way):
        self.loop.call(self.open[way].clear)

    def release(self, way):
        self.loop.call(self.open[way].set)

    def delay(self, way, seconds):
        self.pause[way] = seconds

    def trickle(self, way, piece, seconds):
        """A few bytes at a time; trickle(way, 65536, 0) undoes it."""
        self.piece[way] = piece
        self.delay(way, seconds)

    def cut(self):
        """Ends the connections there are; new ones are welcome."""
        self.loop.run(self.abort_all())

    def stop(self):
        async def close():
            self.server.close()
            await self.abort_all()
            await self.server.wait_closed()
        self.loop.run(close())
        self.loop.close()

    # -- in the loop

    async def abort_all(self):
        for pair in self.links:
            for writer in pair:
                writer.transport.abort()

    async def link(self, reader, writer):
        self.connections += 1
        try:
            far_reader, far_writer = await asyncio.open_connection(
                "127.0.0.1", self.target_port)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, far_writer)
        self.links.add(pair)
        try:
            await asyncio.gather(self.pump("up", reader, far_writer),
                                 self.pump("down", far_reader, writer),
                                 return_exceptions=True)
        finally:
            self.links.discard(pair)
            for end in pair:
                end.transport.abort()

    async def pump(self, way, reader, writer):
        try:
            while data := await reader.read(self.piece[way]):
                self.waiting[way] += len(data)
                try:
                    await asyncio.sleep(self.pause[way])
                    await self.open[way].wait()
                finally:
                    self.waiting[way] -= len(data)
                self.count[way] += len(data)
                if self.keeps:
                    self.passed[way] += data
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
        except OSError:
            writer.transport.abort()
