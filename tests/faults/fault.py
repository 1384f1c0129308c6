# SPDX-License-Identifier: MIT
"""One row of the table of faults."""

import collections.abc
import dataclasses


@dataclasses.dataclass(frozen=True, eq=False)
class Fault:
    """`act(scene)` does it while mail keeps coming, and undoes it. What else a
    mail may come to because of it is said here: nothing, unless said."""

    name: str
    what: str  # for the report
    act: collections.abc.Callable
    doubt: bool = False  # outcomes may be unknown: see check.certain()
    apart: bool = False  # the workers are on two hosts
    disk: tuple = ()  # (of the "state" or of "redis", size): a small one
    lacks: collections.abc.Callable = lambda: None  # why it cannot be done here

    def scene(self):
        """What it asks of its scene."""
        return self.disk, self.apart
