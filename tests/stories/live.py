# SPDX-License-Identifier: MIT
"""
A client of /ws, by Python's websockets: it reads all the time, in a thread of
its own, and the story takes the messages in turn.
"""

import asyncio
import json
import queue
import threading

import websockets

PATIENCE = 30  # s


class Live:
    def __init__(self, url, **how):
        """`url`: http://HOST:PORT/ws?...; `how`: for websockets.connect()."""
        self.url = url.replace("http://", "ws://")
        self.how = {"max_size": None, "open_timeout": PATIENCE} | how
        self.messages = queue.Queue()
        self.code = None  # of the close
        self.loop = asyncio.new_event_loop()
        self.opened = self.loop.create_future()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        self.wait(self.wait_open())
        return self

    def __exit__(self, *_):
        self.close()

    # -- in the thread

    def run(self):
        self.loop.run_until_complete(self.follow())
        self.loop.close()

    async def follow(self):
        try:
            async with websockets.connect(self.url, **self.how) as peer:
                self.opened.set_result(peer)
                try:
                    while True:
                        self.messages.put(await peer.recv())
                except websockets.ConnectionClosed as closed:
                    self.code = closed.rcvd.code if closed.rcvd else 1006
        except Exception as fault:  # the story's to look at
            if not self.opened.done():
                self.opened.set_exception(fault)
        self.messages.put(None)

    async def wait_open(self):
        return await self.opened

    # -- in the story

    def wait(self, task):
        return asyncio.run_coroutine_threadsafe(task, self.loop).result(
            PATIENCE)

    @property
    def peer(self):
        return self.opened.result()

    def say(self, message):
        text = message if isinstance(message, (str, bytes)) \
            else json.dumps(message)
        self.wait(self.peer.send(text))

    def next(self, *types):
        """The next message, or the next of these types."""
        while True:
            text = self.messages.get(timeout=PATIENCE)
            assert text is not None, f"closed with {self.code}"
            message = json.loads(text)
            if not types or message["type"] in types:
                return message

    def event(self):
        """The data of the next event of the stream."""
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

    def close(self):
        if self.thread.is_alive() and self.opened.done() and \
                not self.opened.exception():
            try:
                self.wait(self.peer.close())
            except RuntimeError:
                pass  # its loop has just ended
        self.thread.join(PATIENCE)
