# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""What a worker was told survives it: the journal of outcomes."""

import re
import time
from collections import Counter

import pytest
from proxy import Proxy
from stack.answer import ask

SETTINGS = {"LEASE_TTL": "1s", "SWEEP_INTERVAL": "200ms",
            "UNKNOWN_GRACE": "1h", "SMTP_CONNECTIONS": "2"}


def wait_for(check, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, check
        time.sleep(0.02)
    return found


def messages(job):
    return [entry["message"] for entry in job["history"]]


def journal(worker):
    """Its one file and what it holds."""
    [path] = (worker.state / "journal").glob("*.journal")
    return path, path.read_text()


@pytest.fixture
def rig(new_rig):
    """One whose worker comes to Redis by a way that can be held."""
    rig = new_rig()
    way = Proxy(rig.redis.port)
    rig.worker.env["REDIS_URL"] = f"redis://127.0.0.1:{way.port}/0"
    rig.start()
    rig.way = way
    yield rig
    rig.stack.stop()
    way.stop()


def die_before_redis_knows(rig, mails, held=()):
    """The relay has taken `mails`; the worker's settles never leave it."""
    for rule in held:
        wait_for(lambda: rule.holding)
    rig.way.hold("up")
    for rule in held:
        rule.release()
    wait_for(lambda: len(re.findall("^R ", journal(rig.worker)[1], re.M))
             == mails)
    rig.worker.kill()
    rig.way.cut()  # with the settles
    rig.way.release("up")


def test_killed_between_the_250_and_redis(rig):
    held = rig.sink.on("dot", hold=True)
    ids = [rig.client.send(f"reader-{i}@example.com") for i in range(2)]
    wait_for(lambda: held.holding == 2)
    die_before_redis_knows(rig, 2, [held])
    for job_id in ids:
        assert rig.client.job(job_id)["status"] == "processing"
    rig.worker.start()
    for job_id in ids:
        job = rig.client.wait(job_id, "completed")
        assert job["last_code"] == 250 and job["recipients"][0][
            "state"] == "taken"
    assert len(rig.sink.seen) == 2
    assert not list((rig.worker.state / "journal").glob("*.old"))


def test_who_is_not_named_by_d_waits(rig):
    """Two recipients, one of them told to come later."""
    rig.sink.on("rcpt", reply="450 4.2.1 later", to="b@example.com", times=1)
    held = rig.sink.on("dot", hold=True, times=1)
    job_id = rig.client.send(["a@example.com", "b@example.com"])
    die_before_redis_knows(rig, 1, [held])
    rig.worker.start()
    job = rig.client.wait(job_id, "completed")
    assert {one["address"]: one["state"] for one in job["recipients"]} == {
        "a@example.com": "taken", "b@example.com": "taken"}
    assert [mail.recipients for mail in rig.sink.seen] == [
        ["a@example.com"], ["b@example.com"]]


@pytest.mark.parametrize("same_boot", [True, False])
def test_held_without_a_d(rig, same_boot):
    """It was not sent, unless the power was lost since: then who knows."""
    held = rig.sink.on("data", hold=True, times=1)
    job_id = rig.client.send("reader@example.com")
    wait_for(lambda: held.holding)
    rig.worker.kill()
    path, text = journal(rig.worker)
    assert not re.search("^D ", text, re.M)
    if not same_boot:
        path.write_text(re.sub(r"^(J 1 \S+) \S+", r"\1 another-boot", text))
    held.remove()
    rig.worker.start()
    job = rig.client.wait(job_id, "completed")
    assert ("outcome unknown" in messages(job)) != same_boot


def test_a_torn_and_a_damaged_journal(rig):
    held = rig.sink.on("dot", hold=True, times=1)
    job_id = rig.client.send("reader@example.com")
    die_before_redis_knows(rig, 1, [held])
    path, text = journal(rig.worker)
    first, rest = text.split("\n", 1)
    path.write_bytes(f"{first}\n\0\0\0 nonsense\n{rest}D {job_id} 99 x".encode())
    rig.worker.start()
    rig.client.wait(job_id, "completed")
    assert len(rig.sink.seen) == 1


def test_a_shared_folder(rig):
    """The other worker there takes over by the journal: no grace is waited."""
    other = rig.new_worker("other", STATE_DIRECTORY=str(rig.worker.state))
    other.start()
    assert len(list((rig.worker.state / "journal").glob("*.journal"))) == 2
    held = rig.sink.on("dot", hold=True)
    ids = [rig.client.send(f"reader-{i}@example.com") for i in range(8)]
    wait_for(lambda: held.holding == 4)
    rig.worker.kill()
    held.release()
    for job_id in ids:
        rig.client.wait(job_id, "completed")
    assert len(list((rig.worker.state / "journal").glob("*.journal"))) == 1
    twice = [to for to, n in Counter(
        mail.recipients[0] for mail in rig.sink.seen).items() if n > 1]
    told = [rig.client.job(job_id)["to"][0] for job_id in ids
            if "outcome unknown" in messages(rig.client.job(job_id))]
    assert set(twice) <= set(told) and len(told) == 2


def test_proof_that_comes_late(rig):
    """It became unknown meanwhile, for its host was away; then its journal is
    read."""
    held = rig.sink.on("dot", hold=True, times=1)
    job_id = rig.client.send("reader@example.com")
    die_before_redis_knows(rig, 1, [held])
    owner, _ = journal(rig.worker)
    elsewhere = rig.new_worker("elsewhere", UNKNOWN_GRACE="0",
                               ON_UNKNOWN="hold").start()
    rig.client.wait(job_id, "unknown")
    rig.worker.start()
    job = rig.client.wait(job_id, "completed") if rig.client.job(job_id)[
        "status"] != "unknown" else wait_for(
            lambda: (job := rig.client.job(job_id))["status"] == "completed"
            and job)
    assert any("Proof came late" in text for text in messages(job))
    assert len(rig.sink.seen) == 1
    assert ask("GET", rig.worker.url + "/health").json["late"] == 1
    assert owner.stem != elsewhere.name


@pytest.mark.parametrize("settings, copies", [
    ({}, 2), ({"ON_UNKNOWN": "hold"}, 1), ({"UNKNOWN_MAX": "0"}, 1),
    ({"UNKNOWN_MAX": "2"}, 3)], ids=["default", "hold", "none", "two"])
def test_a_relay_that_takes_all_and_drops_the_line(new_rig, settings, copies):
    rig = new_rig(settings).start()
    rig.sink.on("dot", cut=True)
    ids = [rig.client.send(f"reader-{i}@example.com") for i in range(5)]
    for job_id in ids:
        job = rig.client.wait(job_id, "unknown")
        assert job["reason"] == "outcome_unknown"
        assert messages(job).count("outcome unknown") == copies
    seen = Counter(mail.recipients[0] for mail in rig.sink.seen)
    assert len(seen) == 5 and set(seen.values()) == {copies}
