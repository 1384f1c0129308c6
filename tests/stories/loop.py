# SPDX-License-Identifier: MIT
"""An asyncio loop in a thread of its own: the test is one side, this the other."""

import asyncio
import threading


class Loop:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever,
                                       daemon=True)
        self.thread.start()

    def run(self, coroutine, seconds=10):
        """Its result, waited for by the test."""
        return asyncio.run_coroutine_threadsafe(
            coroutine, self.loop).result(seconds)

    def call(self, function, *args):
        """Run in the loop, soon; not waited for."""
        self.loop.call_soon_threadsafe(function, *args)

    def close(self):
        self.run(self.cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    @staticmethod
    async def cancel_all():
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
