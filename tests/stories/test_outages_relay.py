# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""The relay is down, busy, a black hole, slow, or without an address: mail is
accepted, waits without burning attempts, and is sent once by itself after it.
Waits are settings, all of them short here: SMTP_RECONNECT_CAP is 300 ms, so 2 s
are to it what a minute is to its default of 10 s."""

import socket

import pytest
from proxy import Proxy
from watch import Watch

SETTINGS = {"ACCEPT_TIMEOUT": "1000ms", "SMTP_CONNECT_TIMEOUT": "500ms",
            "SMTP_TIMEOUT": "700ms", "SMTP_IDLE": "300ms",
            "SMTP_RECONNECT_CAP": "300ms", "STOP_TIMEOUT": "5s",
            "LOG_LEVEL": "info"}
DOWN = "the relay is down"
WRAPPER = "libnss_wrapper.so"  # answers for names from a file


@pytest.fixture
def watch(rig):
    watch = Watch(rig)
    watch.fine()
    # No connection of before serves the mails of this story.
    watch.until(lambda: relay_of(watch)["connections"] == 0)
    watch.begin()
    return watch


def relay_of(watch):
    return watch.health("worker")["dependencies"]["smtp"]


def some(watch, name):
    return watch.accepted(*(f"{name}-{n}@example.com" for n in range(8)))


def waits(watch, ids, why):
    """The worker says why, once; the mails wait and no attempt is counted."""
    watch.degraded_worker(DOWN)
    watch.until(lambda: why in relay_of(watch).get("error", ""))
    watch.until(lambda: watch.rig.queues.depth("email_tasks") == len(ids))
    for job_id in ids:
        job = watch.rig.client.job(job_id)
        assert (job["status"], job["attempts"]) == ("queued", 0), job


def comes_back(watch, ids):
    watch.fine()
    watch.sent_once(ids)
    for job_id in ids:
        assert watch.rig.client.job(job_id)["attempts"] == 1
    watch.told_once("relay is down", "relay is back", "worker")
    assert not watch.lines("api", "level=warning")


def test_down(rig, watch):
    rig.sink.down()
    ids = some(watch, "down")
    waits(watch, ids, "no connection")
    rig.sink.listen()
    comes_back(watch, ids)


def test_busy(rig, watch):
    """Tried again and again, told once."""
    busy = rig.sink.on("connect", reply="421 4.3.2 not now")
    ids = some(watch, "busy")
    waits(watch, ids, "421 4.3.2 not now")
    watch.until(lambda: busy.hits >= 6)
    busy.remove()
    comes_back(watch, ids)


def test_black_hole(rig, watch):
    """Nobody answers to our SYN: the queue of who listens there is full."""
    rig.sink.down()
    fillers = []
    with socket.socket() as hole:
        hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        hole.bind(("127.0.0.1", rig.sink.port))
        hole.listen(0)
        for _ in range(4):
            fillers.append(socket.socket())
            fillers[-1].setblocking(False)
            fillers[-1].connect_ex(("127.0.0.1", rig.sink.port))
        ids = some(watch, "hole")
        waits(watch, ids, "no greeting in time")
    for filler in fillers:
        filler.close()
    rig.sink.listen()
    comes_back(watch, ids)


def test_slow_but_in_time(rig, watch):
    """Byte by byte, each reply within SMTP_TIMEOUT: mail goes, slowly."""
    rules = [rig.sink.on(step, drip=0.01)
             for step in ("connect", "mail", "rcpt", "data", "dot")]
    watch.sent_once(some(watch, "drip"))
    for rule in rules:
        rule.remove()
    assert not watch.lines("worker", "level=warning")


def test_greeting_too_slow(rig, watch):
    slow = rig.sink.on("connect", drip=0.1)  # 2 s; SMTP_CONNECT_TIMEOUT 0.5 s
    ids = some(watch, "greeting")
    waits(watch, ids, "no greeting in time")
    slow.remove()
    comes_back(watch, ids)


def test_reply_too_slow(rig, watch):
    """A mail that met the relay has had its attempt, and is tried again."""
    slow = rig.sink.on("mail", drip=0.1)
    ids = watch.accepted("reply@example.com")
    watch.degraded_worker(DOWN)
    slow.remove()
    watch.fine()
    watch.sent_once(ids)
    for job_id in ids:
        job = rig.client.job(job_id)
        assert job["retry_count"] == job["attempts"] - 1 >= 1, job
        assert job["history"][2]["error"] == "no reply in time (MAIL)", job
    watch.told_once("relay is down", "relay is back", "worker")


def test_slow_quit(rig, watch):
    """QUIT is said and not waited for, neither between mails nor at the end."""
    slow = rig.sink.on("quit", hold=True)
    watch.sent_once(watch.accepted("quit-1@example.com"))
    watch.until(lambda: slow.holding == 1)  # it was idle
    watch.until(lambda: relay_of(watch)["connections"] == 0)
    watch.sent_once(watch.accepted("quit-2@example.com"))
    assert rig.worker.stop() == 0  # not forced by STOP_TIMEOUT
    slow.remove()
    rig.worker.start()


@pytest.fixture(scope="module")
def named(new_rig, tmp_path_factory):
    """A relay that has a name, behind a proxy; and the file of names."""
    rig = new_rig({"SMTP_HOST": "relay.story", "SMTP_CONNECT_TIMEOUT": "5s"})
    hosts = tmp_path_factory.mktemp("names") / "hosts"
    hosts.write_text("127.0.0.1 somebody.else\n")
    proxy = Proxy(rig.sink.port)
    rig.worker.env |= {
        "SMTP_PORT": str(proxy.port), "LD_PRELOAD": WRAPPER,
        "NSS_WRAPPER_HOSTS": str(hosts),
        # Both are for programs built with a sanitizer.
        "NSS_WRAPPER_DISABLE_DEEPBIND": "1",
        "ASAN_OPTIONS": "verify_asan_link_order=0:"
                        + rig.worker.env.get("ASAN_OPTIONS", "")}
    try:
        yield rig.start(), hosts, proxy
    finally:
        rig.stack.stop()
        proxy.stop()


def test_name_without_address(named):
    rig, hosts, _ = named
    watch = Watch(rig)
    ids = some(watch, "name")
    waits(watch, ids, "no address")
    hosts.write_text("127.0.0.1 relay.story\n")
    comes_back(watch, ids)


def test_reads_slowly(named):
    """A large mail takes longer than SMTP_TIMEOUT, and goes on all the time."""
    rig, hosts, proxy = named
    hosts.write_text("127.0.0.1 relay.story\n")
    watch = Watch(rig)
    proxy.delay("up", 0.05)
    job_id = rig.client.send("large@example.com",
                             body="A line of text.\n" * 180000)
    watch.sent_once({job_id: "large@example.com"})
    proxy.delay("up", 0)
    assert rig.client.job(job_id)["attempts"] == 1
    assert not watch.lines("worker", "level=warning")
