# SPDX-License-Identifier: MIT
"""One row of the table of faults."""

import collections.abc
import dataclasses


@dataclasses.dataclass(frozen=True)
class Fault:
    """`act(scene)` does it while mail keeps coming, and undoes it. What else a
    mail may come to because of it is said here: nothing, unless said."""

    name: str
    what: str  # for the report
    act: collections.abc.Callable
    doubt: bool = False  # outcomes may be unknown: see check.certain()
    apart: bool = False  # the workers are on two hosts
    settings: dict = dataclasses.field(default_factory=dict)
    disk: tuple = ()  # (of the "state" or of "redis", size): a small one
    lacks: collections.abc.Callable = lambda: None  # why it cannot be done here
