# SPDX-License-Identifier: MIT
"""All faults, by group."""

import argparse

import kills
import links
import messages
import relays
import stalls
import stores

GROUPS = {module.__name__: module.FAULTS for module in (
    kills, stalls, links, relays, stores, messages)}
FAULTS = tuple(fault for faults in GROUPS.values() for fault in faults)


def chosen(text):
    """Those of a comma list of names and groups."""
    by_name = {fault.name: (fault,) for fault in FAULTS} | GROUPS
    try:
        return tuple(fault for name in text.split(",")
                     for fault in by_name[name])
    except KeyError as unknown:
        raise argparse.ArgumentTypeError(
            f"there is no {unknown}, but {' '.join(by_name)}") from None
