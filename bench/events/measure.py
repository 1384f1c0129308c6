# SPDX-License-Identifier: MIT
"""
Memory of a client that is idle, and the time from XADD to the last byte at each
of many subscribers. Idle clients offer permessage-deflate, as browsers do.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import re
import resource
import select
import statistics
import sys
import tempfile
import time

import redis

from stack import ports
from stack.events import Events
from stack.redis import Redis

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build" / "release" / "events" / "postrider-events"
ASK = ("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n")
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
PING = b"\x89\x00"
PONG = b"\x8a\x80\0\0\0\0"


def connect(events, deflates):
    peer = events.connect()
    peer.settimeout(30)
    peer.sendall(ASK.format(DEFLATE if deflates else "").encode())
    got = b""
    while b"connection_status" not in got:
        got += peer.recv(4096)
    return peer


def memory(pid):
    """Bytes of its own, shared libraries aside."""
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Rss: +(\d+)", rollup, re.M).group(1)) * 1024


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    ticks = sum(int(field) for field in fields.split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure_idle(events, count):
    before = memory(events.pid)
    peers = [connect(events, True) for _ in range(count)]
    after = memory(events.pid)
    for peer in peers:
        peer.close()
    return {"clients": count, "rss_mib": round(after / 2**20, 1),
            "kib_a_client": round((after - before) / 1024 / count, 2)}


def write(port, rate, seconds):
    """Events whose subject is the time at which each was written."""
    store = redis.Redis(port=port)
    began = time.monotonic()
    for number in range(rate * seconds):
        time.sleep(max(0, began + number / rate - time.monotonic()))
        entry = {"seq": 1, "status": "queued", "message": "Job queued",
                 "timestamp": "2025-06-29T15:52:17.432Z"}
        job_id = f"0193f0a0-0000-7000-8000-{number:012d}"
        pipe = store.pipeline(transaction=False)
        pipe.hset(f"job:{job_id}", mapping={
            "status": "queued", "seq": 1, "to": '["reader@example.com"]',
            "subject": time.monotonic_ns(), "created_at": 1751212337432,
            "h1": json.dumps(entry)})
        pipe.xadd("job_events", {"event": json.dumps(
            {"job_id": job_id, "last_error": None} | entry)})
        pipe.execute()


def read_all(peers, expected):
    """The ms from each event's writing to its arrival at each client."""
    subject = re.compile(rb'"subject":"(\d+)"')
    poll = select.epoll()
    for number, peer in peers.items():
        peer.setblocking(False)
        poll.register(number, select.EPOLLIN)
    late = []
    while len(late) < expected:
        for number, _ in poll.poll(30):
            got = peers[number].recv(65536)
            now = time.monotonic_ns()
            late += [(now - int(at)) / 1e6 for at in subject.findall(got)]
            if PING in got:
                peers[number].send(PONG)
    return late


def measure_subscribers(events, store, args):
    """Uncompressed, so that what arrives can be read at that rate."""
    peers = {}
    for _ in range(args.subscribers):
        peer = connect(events, False)
        peers[peer.fileno()] = peer
    time.sleep(1.5)  # RESUME_WAIT
    spent = cpu(events.pid)
    writer = multiprocessing.Process(
        target=write, args=(store.port, args.rate, args.seconds))
    writer.start()
    expected = args.subscribers * args.rate * args.seconds
    late = sorted(read_all(peers, expected))
    writer.join()
    spent = cpu(events.pid) - spent
    for peer in peers.values():
        peer.close()
    return {"subscribers": args.subscribers, "events_a_second": args.rate,
            "messages": len(late), "p50_ms": round(statistics.median(late), 2),
            "p99_ms": round(late[int(len(late) * .99)], 2),
            "max_ms": round(late[-1], 2),
            "cpu_us_a_message": round(spent / len(late) * 1e6, 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=2000)
    parser.add_argument("--subscribers", type=int, default=500)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=10)
    args = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        store = Redis(folder, ports.free(), dies_with_us=True).start()
        events = Events(folder, PROGRAM, dies_with_us=True, env=dict(
            os.environ, REDIS_URL=store.url, PING_INTERVAL="1h")).start()
        try:
            found = {"idle": measure_idle(events, args.idle),
                     "live": measure_subscribers(events, store, args)}
        finally:
            events.stop()
            store.stop()
    print(json.dumps(found, indent=1))
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "events.json").write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
