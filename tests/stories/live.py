# SPDX-License-Identifier: MIT
"""
A client of /ws, by Python's websockets: it reads all the time, and the story
takes the messages in turn.
"""

import asyncio
import json
import queue

import websockets

from loop import Loop

PATIENCE = 60  # s


class Live:
    def __init__(self, url, **how):
        """`url`: http://HOST:PORT/ws?...; `how`: for websockets.connect()."""
        self.url = url.replace("http://", "ws://")
        self.how = {"max_size": None, "open_timeout": PATIENCE} | how
        self.messages = queue.Queue()  # None: the end
        self.code = None  # of the close

    def __enter__(self):
        self.loop = Loop()
        try:
            self.peer = self.loop.run(self.open(), PATIENCE)
        except BaseException:
            self.loop.close()
            raise
        return self

    def __exit__(self, *_):
        self.loop.run(self.peer.close(), PATIENCE)
        self.loop.close()

    # -- in the loop

    async def open(self):
        peer = await websockets.connect(self.url, **self.how)
        self.reader = asyncio.create_task(self.read(peer))
        return peer

    async def read(self, peer):
        try:
            while True:
                self.messages.put(await peer.recv())
        except websockets.ConnectionClosed as closed:
            self.code = closed.rcvd.code if closed.rcvd else 1006
        self.messages.put(None)

    # -- in the story

    def say(self, message):
        text = message if isinstance(message, (str, bytes)) \
            else json.dumps(message)
        self.loop.run(self.peer.send(text), PATIENCE)

    def next(self, *types):
        """The next message, or the next of these types."""
        while True:
            text = self.messages.get(timeout=PATIENCE)
            assert text is not None, f"closed with {self.code}"
            message = json.loads(text)
            if not types or message["type"] in types:
                return message

    def event(self):
        """The data of the next event."""
        return self.next("job_created", "job_status_update")["data"]

    def until(self, job_id, status):
        """The events of a job up to that status."""
        events = []
        while not events or events[-1]["status"] != status:
            event = self.event()
            if event["job_id"] == job_id:
                events.append(event)
        return events

    def ended(self):
        """The code it was closed with; what was still to be read is lost."""
        while self.messages.get(timeout=PATIENCE) is not None:
            pass
        return self.code
