# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""Several relays: weights, routes, and one that is down."""

import subprocess

import pytest
from rig import WORKER
from sink import Sink
from test_sweeper import health, wait_for

SETTINGS = {"SMTP_CONNECTIONS": "2", "OVERDUE_AFTER": "2s",
            "SWEEP_INTERVAL": "300ms", "OUTBOX_AFTER": "300ms"}


@pytest.fixture
def sinks():
    """Two relays, whose connections the story sees."""
    both = [Sink(), Sink()]
    yield both
    for sink in both:
        sink.stop()


def started(new_rig, sinks, first="", second="", **settings):
    relays = ", ".join(f"smtp://127.0.0.1:{sink.port}?name={name}{more}"
                       for sink, name, more in zip(sinks, ("one", "two"),
                                                   (first, second)))
    return new_rig({"SMTP_RELAYS": relays} | settings).start()


def send(rig, count, domain="example.com"):
    return [rig.client.send(f"r{i}@{domain}") for i in range(count)]


def completed(rig, ids, attempts=1):
    for job_id in ids:
        job = rig.client.wait(job_id, "completed", seconds=60)
        assert job["attempts"] == attempts, job


def relay_health(rig):
    return {name: one["status"] for name, one in
            health(rig)["dependencies"]["smtp"]["relays"].items()}


def test_mail_is_shared_by_weight(new_rig, sinks):
    """While both have room for more."""
    rig = started(new_rig, sinks, "&weight=3")
    for _ in range(60):
        completed(rig, send(rig, 1))
    one, two = (len(sink.mails) for sink in sinks)
    assert one + two == 60 and one > two > 0, (one, two)
    assert set(relay_health(rig)) == {"one", "two"}


def test_a_route_is_the_only_way(new_rig, sinks):
    """Of a mail for both, each part goes its own."""
    rig = started(new_rig, sinks, second="&domain=Inside.example")
    completed(rig, send(rig, 5) + send(rig, 5, "inside.example"))
    assert {box.partition("@")[2] for mail in sinks[0].mails
            for box in mail.recipients} == {"example.com"}
    assert {box.partition("@")[2] for mail in sinks[1].mails
            for box in mail.recipients} == {"inside.example"}
    both = rig.client.send(["a@example.com", "b@inside.example"])
    completed(rig, [both], attempts=2)
    told = rig.client.get(f"/api/emails/{both}/why").json["attempts"]
    assert [one["relay"] for one in told] == ["one", "two"]
    assert [len(sink.mails) for sink in sinks] == [6, 6]
    assert sinks[0].mails[-1].recipients == ["a@example.com"]
    assert sinks[1].mails[-1].recipients == ["b@inside.example"]


def test_one_is_down(new_rig, sinks):
    """All mail goes by the other; no attempt is burnt, health says why."""
    sinks[0].down()
    rig = started(new_rig, sinks)
    completed(rig, send(rig, 20))
    assert len(sinks[1].mails) == 20
    wait_for(lambda: relay_health(rig)["one"] == "down")
    told = health(rig)
    assert (told["status"], told["reason"]) == ("degraded", "a relay is down")
    sinks[0].listen()
    wait_for(lambda: health(rig)["reason"] is None)
    completed(rig, send(rig, 20))
    wait_for(lambda: sinks[0].mails)
    text = (rig.folder / "log" / "worker.log").read_text()
    assert text.count('msg="relay is down"') == 1
    assert text.count('msg="relay is back"') == 1


def test_a_spare_one_takes_what_the_first_cannot(new_rig, sinks):
    rig = started(new_rig, sinks, second="&weight=0")
    completed(rig, send(rig, 20))
    assert len(sinks[1].mails) == 0
    sinks[0].down()
    ids = send(rig, 20)
    for job_id in ids:
        rig.client.wait(job_id, "completed", seconds=60)
    assert len(sinks[1].mails) >= 19


def test_a_route_that_is_down_holds_up_nobody(new_rig, sinks):
    """Its mail waits on the ladder, without an attempt, and is not overdue."""
    sinks[1].down()
    rig = started(new_rig, sinks, second="&domain=inside.example")
    held = send(rig, 40, "inside.example")
    held.append(rig.client.send("b@inside.example", body="x" * 300_000))
    completed(rig, send(rig, 20))
    wait_for(lambda: rig.queues.depth("email_tasks") == 0)
    assert health(rig)["overdue"] == 0
    wait_for(lambda: {rig.client.job(job_id)["attempts"]
                      for job_id in held} == {0})
    sinks[1].listen()
    completed(rig, held)
    assert len(sinks[1].mails) == 41
    assert health(rig)["overdue"] == 0


def check(rig, relays):
    return subprocess.run([WORKER, "-t"], env=rig.env | {
        "SMTP_RELAYS": relays}, capture_output=True, text=True, check=False)


def test_wrong_relays_are_told_at_once(new_rig, tmp_path):
    rig = new_rig()
    found = check(rig, "http://a,smtp://b:0,smtp://c?weight=x&colour=blue,"
                       "smtp://me@d,smtp://e?password_file=/nowhere")
    assert found.returncode != 0
    said = found.stdout + found.stderr
    assert said.count("SMTP_RELAYS") >= 6, said
    table = tmp_path / "relays"
    table.write_text("# ours\n\nsmtp://a.example\nsmtp://b.example?tls=maybe\n")
    said = check(rig, str(table))
    assert f"{table}:4" in said.stdout + said.stderr
    said = check(rig, "smtp://a?domain=b.example")
    assert "for all domains" in said.stdout + said.stderr
    assert check(rig, "smtp://a, smtps://[::1]?weight=0").returncode == 0
