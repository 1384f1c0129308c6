# SPDX-License-Identifier: MIT
"""
How long this disk takes to keep 4 KiB for good, right now. Redis and RabbitMQ
wait for that before they answer, so a neighbour who writes shows in every rate.
"""

import os
import statistics
import tempfile
import time

WRITES = 50


def fsync_ms(folder):
    """The median of some writes."""
    times = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(WRITES):
            file.write(b"x" * 4096)
            began = time.monotonic()
            os.fdatasync(file.fileno())
            times.append((time.monotonic() - began) * 1000)
    return statistics.median(times)
