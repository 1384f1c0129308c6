# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""Relays that behave oddly: what the job says of it, and what they were told.
Single replies at each step are in test_relay_replies.py."""

import contextlib
import time

import pytest

from stack.answer import ask

# One connection, so that the next mail is on the same one if that lives on.
SETTINGS = {"SMTP_CONNECTIONS": "1", "SMTP_IDLE": "60s",
            "PIPELINE_WAIT": "300ms"}
ONCE = ["queued", "processing", "completed"]
TWICE = ["queued", "processing", "retrying", "processing", "completed"]


@contextlib.contextmanager
def rule(rig, step, **what):
    made = rig.sink.on(step, **what)
    try:
        yield made
    finally:
        made.remove()


def wait_for(check, seconds=20):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, check
        time.sleep(0.02)


def statuses(job):
    return [entry["status"] for entry in job["history"]]


def messages(job):
    return [entry["message"] for entry in job["history"]]


def states(job):
    return {one["address"]: one["state"] for one in job["recipients"]}


def seen(rig, to):
    return [mail for mail in rig.sink.seen if to in mail.recipients]


def taken(rig, to):
    return [mail for mail in rig.sink.mails if to in mail.recipients]


def message_id(mail):
    [line] = [line for line in mail.data.partition(b"\r\n\r\n")[0].split(b"\r\n")
              if line.lower().startswith(b"message-id:")]
    return line


def said(connection):
    return b"".join(chunk for _, chunk in connection.chunks)


def health(rig):
    return ask("GET", f"http://127.0.0.1:{rig.worker.port}/health").json


def smtp_health(rig):
    return health(rig)["dependencies"]["smtp"]


def send_fine(rig, to):
    """A mail that meets no trouble: one attempt, one copy."""
    job = rig.client.wait(rig.client.send(to), "completed")
    assert (job["attempts"], statuses(job)) == (1, ONCE), job
    assert len(seen(rig, to)) == 1


# -- no PIPELINING: step by step

@pytest.fixture(scope="module")
def plain(new_rig):
    rig = new_rig()
    rig.sink.extensions = ("8BITMIME",)
    return rig.start()


def test_step_by_step(plain):
    send_fine(plain, "a@example.com")
    job = plain.client.wait(plain.client.send(["c@e.com", "d@e.com"]))
    assert job["status"] == "completed"
    for _, chunk in plain.sink.connections[-1].chunks:
        if chunk[:4] in (b"MAIL", b"RCPT", b"DATA"):
            assert chunk.count(b"\r\n") == 1, chunk


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
def test_step_by_step_deferred(plain, step):
    to = f"later-{step}@example.com"
    with rule(plain, step, reply="451 4.3.0 later", times=1):
        job = plain.client.wait(plain.client.send(to), "completed")
    assert (job["attempts"], statuses(job)) == (2, TWICE), job
    assert len(taken(plain, to)) == 1
    assert len(seen(plain, to)) == (2 if step == "dot" else 1)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
def test_step_by_step_rejected(plain, step):
    before = len(plain.sink.connections)
    to = f"never-{step}@example.com"
    with rule(plain, step, reply="550 5.7.1 no", times=1):
        job = plain.client.wait(plain.client.send(to), "failed")
    assert (job["attempts"], job["reason"]) == (1, "rejected"), job
    assert not taken(plain, to)
    send_fine(plain, f"after-{step}@example.com")
    assert len(plain.sink.connections) == before


def test_step_by_step_one_of_two_refused(plain):
    with rule(plain, "rcpt", reply="550 5.1.1 no", to="no1@e.com"):
        job = plain.client.wait(
            plain.client.send(["no1@e.com", "yes1@e.com"]), "completed")
    assert states(job) == {"no1@e.com": "refused", "yes1@e.com": "taken"}
    assert [mail.recipients for mail in seen(plain, "yes1@e.com")] == [
        ["yes1@e.com"]]


# -- refusals

def test_one_of_two_refused(rig, client):
    with rule(rig, "rcpt", reply="550 5.1.1 no such user", to="no@e.com"):
        job = client.wait(client.send(["yes@e.com", "no@e.com"]), "completed")
    assert (job["attempts"], statuses(job)) == (1, ONCE), job
    assert states(job) == {"yes@e.com": "taken", "no@e.com": "refused"}
    [mail] = seen(rig, "yes@e.com")
    assert (mail.recipients, mail.refused) == (["yes@e.com"], ["no@e.com"])


def test_one_of_two_deferred_is_tried_alone(rig, client):
    with rule(rig, "rcpt", reply="450 4.2.1 busy", to="late@e.com", times=1):
        job = client.wait(client.send(["now@e.com", "late@e.com"]),
                          "completed")
    assert (job["attempts"], statuses(job)) == (2, TWICE), job
    assert states(job) == {"now@e.com": "taken", "late@e.com": "taken"}
    assert [mail.recipients for mail in seen(rig, "now@e.com")] == [
        ["now@e.com"]]
    [again] = seen(rig, "late@e.com")
    assert (again.recipients, again.refused) == (["late@e.com"], [])


@pytest.mark.parametrize("reply", [None, "554 5.5.1 no valid recipients"])
def test_nobody_there_but_354(rig, client, reply):
    """The message is not said: a lone dot, whatever is said to that."""
    send_fine(rig, f"warm-{bool(reply)}@example.com")
    count, connection = len(rig.sink.connections), rig.sink.connections[-1]
    before = len(rig.sink.seen)
    with rule(rig, "rcpt", reply="550 5.7.1 no", times=2), \
            rule(rig, "data", reply="354 go ahead", times=1), \
            rule(rig, "dot", reply=reply, times=1):
        job = client.wait(client.send(["x@e.com", "y@e.com"]), "failed")
        wait_for(lambda: len(rig.sink.seen) > before)
    assert (job["attempts"], job["reason"]) == (1, "rejected"), job
    assert set(states(job).values()) == {"refused"}
    [dropped] = rig.sink.seen[before:]
    assert (dropped.recipients, dropped.raw) == ([], b"")
    send_fine(rig, f"next-{bool(reply)}@example.com")
    assert len(rig.sink.connections) == count
    assert b"DATA\r\n.\r\n" in said(connection)


# -- connections that end

def test_421_at_mail(rig, client):
    send_fine(rig, "warm-421@example.com")
    count = len(rig.sink.connections)
    with rule(rig, "mail", reply="421 4.3.2 shutting down", times=1):
        job = client.wait(client.send("closing@example.com"), "completed")
    assert len(rig.sink.connections) == count + 1
    [mail] = seen(rig, "closing@example.com")
    assert mail.connection is rig.sink.connections[-1]
    assert "outcome unknown" not in messages(job)


# None of it is an answer: the line has no end.
@pytest.mark.parametrize("part", ["", "2", "250 2.0.0 taken as",
                                  "250 ok\r", "250-ok\r\n", "451 4.3"])
def test_cut_after_the_dot(rig, client, part):
    to = f"after-{part.encode().hex()}@example.com"
    with rule(rig, "dot", cut=True, part=part, times=1):
        job = client.wait(client.send(to), "completed")
    assert (job["attempts"], statuses(job)) == (2, TWICE), job
    assert messages(job).count("outcome unknown") == 1
    first, again = seen(rig, to)
    assert message_id(first) == message_id(again)
    assert len(taken(rig, to)) == 1


@pytest.mark.parametrize("part", ["", "250 2.0.0 ta"])
def test_cut_after_every_dot(rig, client, part):
    to = f"always-{len(part)}@example.com"
    with rule(rig, "dot", cut=True, part=part, to=to) as cuts:
        job = client.wait(client.send(to), "unknown")
        time.sleep(0.5)  # nothing more comes
        assert cuts.hits == 2
    assert (job["attempts"], job["reason"]) == (2, "outcome_unknown"), job
    assert messages(job).count("outcome unknown") == 2
    assert len({message_id(mail) for mail in seen(rig, to)}) == 1
    send_fine(rig, f"then-{len(part)}@example.com")


def test_the_relay_closes_an_idle_connection(rig):
    for i in range(5):
        send_fine(rig, f"idle-{i}@example.com")
        connection = rig.sink.connections[-1]
        rig.sink.loop.call(connection.transport.close)
        wait_for(lambda: not connection.open)
    send_fine(rig, "idle-last@example.com")


def test_the_relay_says_421_and_closes_while_idle(rig):
    send_fine(rig, "warm-bye@example.com")
    connection = rig.sink.connections[-1]
    rig.sink.loop.call(connection.transport.write,
                       b"421 4.4.2 idle for too long\r\n")
    rig.sink.loop.call(connection.transport.close)
    wait_for(lambda: not connection.open)
    send_fine(rig, "after-bye@example.com")


# -- replies

@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
def test_byte_by_byte(rig, step):
    with rule(rig, step, drip=0.004, times=1) as dripped:
        send_fine(rig, f"drip-{step}@example.com")
        assert dripped.hits == 1


@pytest.mark.parametrize("drip", [0, 0.004])
def test_many_lines(rig, client, drip):
    lines = "\n".join(f"250 2.0.0 line {i}" for i in range(8))
    with rule(rig, "mail", reply=lines, drip=drip, times=1), \
            rule(rig, "rcpt", reply=lines, drip=drip, times=1), \
            rule(rig, "dot", reply=lines, drip=drip, times=1):
        send_fine(rig, f"lines-{drip}@example.com")
    with rule(rig, "dot", reply="554 5.7.1 one\n554 5.7.1 two", drip=drip,
              times=1):
        job = client.wait(client.send(f"nolines-{drip}@e.com"), "failed")
    assert "one" in job["last_error"] and "two" in job["last_error"]
    assert "\n" not in job["last_error"]


# -- a relay that takes nobody

@pytest.fixture(scope="module")
def forlorn(new_rig):
    return new_rig({"SMTP_IDLE": "100ms"}).start()


@pytest.mark.parametrize("step, reply", [
    ("connect", "554 5.7.1 go away"),
    ("connect", "421 4.7.0 too many connections"),
    ("ehlo", "550 5.7.1 we do not know you"),
    ("ehlo", "421 4.3.2 closing"),
    ("mail", "530 5.7.0 log in first"),
    ("mail", "550 5.7.57 not authenticated"),
    ("rcpt", "530 5.7.0 log in first"),
    ("data", "535 5.7.8 bad login"),
    ("dot", "550 5.7.705 tenant has exceeded threshold"),
])
def test_a_relay_that_takes_nobody(forlorn, step, reply):
    """It is tried in pauses and health says why; no mail fails for it."""
    client, sink = forlorn.client, forlorn.sink
    wait_for(lambda: sink.now_open == 0)
    to = [f"{step}-{reply[:3]}-{i}@example.com" for i in range(3)]

    def is_told():
        now = health(forlorn)
        return ((now["status"], now["reason"]) == (
            "degraded", "the relay is down")
            and reply in now["dependencies"]["smtp"]["error"])

    with rule(forlorn, step, reply=reply) as refusal:
        ids = [client.send(one) for one in to]
        wait_for(lambda: refusal.hits >= 3)
        wait_for(is_told)
        assert {client.job(one)["status"] for one in ids} <= {
            "queued", "processing", "retrying"}
    for job in [client.wait(one, "completed") for one in ids]:
        assert job["retry_count"] == job["attempts"] - 1
        # After MAIL it may be the mail: then an attempt is one.
        assert job["attempts"] == 1 or step in ("rcpt", "data", "dot"), job
    assert [len(taken(forlorn, one)) for one in to] == [1] * 3
    wait_for(lambda: health(forlorn)["status"] == "ok")


# -- waits and limits

def test_a_silent_dot_lets_the_next_mail_go(rig, client):
    send_fine(rig, "quick@example.com")  # now mails may follow each other
    with rule(rig, "dot", hold=True, to="silent@example.com") as held:
        silent = client.send("silent@example.com")
        wait_for(lambda: held.holding)
        job = client.wait(client.send("behind@example.com"), "completed")
        assert job["attempts"] == 1, job
        assert client.job(silent)["status"] == "processing"
    job = client.wait(silent, "completed")
    assert statuses(job) == ONCE
    assert len(seen(rig, "behind@example.com")) == 1
    assert len(seen(rig, "silent@example.com")) == 1
    send_fine(rig, "afterwards@example.com")


def test_mails_per_connection(new_rig):
    rig = new_rig({"SMTP_MAILS_PER_CONNECTION": "3",
                   "SMTP_CONNECTIONS": "2"}).start()
    ids = [rig.client.send(f"few-{i}@example.com") for i in range(20)]
    for job_id in ids:
        assert statuses(rig.client.wait(job_id, "completed")) == ONCE
    assert len(rig.sink.seen) == len(ids)
    counts = [said(connection).count(b"MAIL FROM:")
              for connection in rig.sink.connections]
    assert max(counts) == 3 and sum(counts) == 20, counts
    assert rig.sink.peak <= 2


def test_idle_connections_are_closed(new_rig):
    rig = new_rig({"SMTP_IDLE": "200ms"}).start()
    send_fine(rig, "one@example.com")
    wait_for(lambda: rig.sink.now_open == 0)
    assert said(rig.sink.connections[-1]).endswith(b"QUIT\r\n")
    wait_for(lambda: smtp_health(rig)["status"] == "idle")
    send_fine(rig, "two@example.com")
    assert len(rig.sink.connections) == 2


# -- mails are claimed only when a connection has a place

LOADS = {
    "many": {"SMTP_CONNECTIONS": "16"},
    "few": {"SMTP_CONNECTIONS": "2"},
    "short": {"SMTP_MAILS_PER_CONNECTION": "5", "SMTP_CONNECTIONS": "4"},
    # Now quick enough for a second mail behind the first, now not.
    "wavering": {"PIPELINE_WAIT": "14ms", "SMTP_CONNECTIONS": "4"},
}


@pytest.mark.parametrize("load", LOADS)
def test_a_backlog_makes_no_needless_release(new_rig, load):
    rig = new_rig(LOADS[load])
    rig.stack.services.remove(rig.worker)
    rig.stack.start()
    rig.sink.on("dot", delay=0.005)
    ids = [rig.client.send(f"load-{i}@example.com") for i in range(300)]
    rig.stack.services.append(rig.worker)
    rig.worker.start()
    jobs = [rig.client.wait(job_id, "completed") for job_id in ids]
    assert len(rig.sink.seen) == len(ids)
    odd = [message for job in jobs for message in messages(job)
           if message == "no connection to the relay is free"]
    assert odd == []
    if load != "wavering":  # a late dot sends the mail behind it elsewhere
        assert [job["history"] for job in jobs if statuses(job) != ONCE] == []
