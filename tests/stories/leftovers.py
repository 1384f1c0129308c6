# SPDX-License-Identifier: MIT
"""What a story must not leave behind: processes and ports."""

import os
import pathlib
import socket
import time

from stack.process import Process

MARK = "POSTRIDER_STORY"


def mark():
    """From now on whatever a Process starts can be told by its environment."""
    Process.mark = {MARK: str(os.getpid())}


def find():
    faults = processes()
    deadline = time.monotonic() + 3  # a killed process takes its moment to go
    while faults and time.monotonic() < deadline:
        time.sleep(0.05)
        faults = processes()
    return faults + listeners()


def processes():
    """By their session or, for one that went into its own, by the mark; the
    mark alone will not do: Redis writes over its environment."""
    wanted = f"{MARK}={os.getpid()}".encode()
    faults = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            marks = (folder / "environ").read_bytes().split(b"\0")
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue  # gone meanwhile, or somebody else's
        if stat[0] != "Z" and (int(stat[3]) in Process.sessions
                               or wanted in marks):
            faults.append(f"process {folder.name} was left running: "
                          f"{words.decode(errors='replace')}")
    return faults


def listeners():
    """Sockets on which the test itself (a sink, a proxy) still listens."""
    faults = []
    for name in os.listdir("/proc/self/fd"):
        try:
            with socket.socket(fileno=os.dup(int(name))) as peer:
                if peer.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    faults.append(f"{peer.getsockname()} was left open")
        except OSError:
            pass  # no socket
    return faults
