# SPDX-License-Identifier: MIT
"""TCP ports of 127.0.0.1."""

import functools
import os
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


class Block:
    """
    Ports that no other process of ours is given, in turn. An abstract unix
    socket (unix(7)) stands for the block: it has the ports' namespace, and is
    gone with this process.
    """

    SIZE = 100

    def __init__(self):
        self.mark = socket.socket(socket.AF_UNIX)
        starts = list(range(FIRST, LAST, self.SIZE))
        random.shuffle(starts)
        self.start = next(start for start in starts if self.take(start))
        self.given = 0

    def take(self, start):
        try:
            self.mark.bind(f"\0postrider-ports-{start}")
        except OSError:
            return False
        return True

    def next(self):
        port = self.start + self.given % self.SIZE
        self.given += 1
        return port


@functools.cache
def block(_pid):
    return Block()


def free():
    """A free port that no other caller gets soon, in whatever process."""
    while True:
        port = block(os.getpid()).next()
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
