# SPDX-License-Identifier: MIT
"""TCP ports of 127.0.0.1."""

import random
import socket

# Below 32768, where the kernel takes the ports of outgoing connections from: a
# port found free here is not lost to one of those before its service binds it.
FIRST, LAST = 15000, 32000


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free():
    """Any free port; random, so that two callers seldom get the same."""
    while True:
        port = random.randint(FIRST, LAST)
        if is_free(port):
            return port


def next_free(port):
    """This port, or the first free one after it."""
    while not is_free(port):
        port += 1
    return port


def answers(port, say=b"", expect=b"", timeout=1.0):
    """Whether a service takes a connection and greets as expected."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as peer:
            if say:
                peer.sendall(say)
            return not expect or peer.recv(len(expect)) == expect
    except OSError:
        return False
