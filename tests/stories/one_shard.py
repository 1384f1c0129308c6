# SPDX-License-Identifier: MIT
"""A Redis in cluster mode whose one node has all slots, as MemoryDB's shard."""

from stack import ports

NODES = """\
{id} 127.0.0.1:{port}@{bus} myself,master - 0 0 1 connected 0-16383
vars currentEpoch 1 lastVoteEpoch 0
"""


def make(server):
    """Makes one of a stack.redis.Redis that has not started; returns it."""
    bus = ports.free()
    nodes = server.folder / "nodes.conf"
    server.folder.mkdir(parents=True, exist_ok=True)
    nodes.write_text(NODES.format(id="a" * 40, port=server.port, bus=bus))
    server.options += ["--cluster-enabled", "yes", "--cluster-port", str(bus),
                       "--cluster-config-file", str(nodes)]
    # A master that starts takes nothing for two seconds: CLUSTERDOWN.
    server.ready = lambda: ports.answers(
        server.port, b"GET key\r\n", b"$-1")
    return server
