# SPDX-License-Identifier: MIT
"""Services in the order in which they need each other."""

import time


class Stack:
    def __init__(self, services, tell=lambda text: None):
        self.services = services
        self.tell = tell
        self.started = []  # by this object, in order

    def start(self):
        """Starts what does not run; if one fails, all of these end again."""
        try:
            for service in self.services:
                if not service.alive():
                    began = time.monotonic()
                    self.started.append(service)
                    service.start()
                    self.tell(f"  {service.name:<10} started in "
                              f"{time.monotonic() - began:.1f} s")
        except BaseException:
            self.undo()
            raise

    def undo(self):
        for service in reversed(self.started):
            service.stop()
        self.started.clear()

    def stop(self):
        """The names of those that had to be stopped."""
        names = []
        for service in reversed(self.services):
            if service.alive():
                names.append(service.name)
                service.stop()
                self.tell(f"  {service.name:<10} stopped")
        return names
