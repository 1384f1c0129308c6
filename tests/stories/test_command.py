# SPDX-License-Identifier: MIT
"""postrider: the operator sends, looks, follows; and is told what is wrong."""

import json
import subprocess
import time

import pytest

from command import PROGRAM, Command
from delivered import parse
from rig import ROOT
from stack import ports

DONE, REFUSED, USAGE, UNREACHABLE, DENIED = range(5)


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.events = rig.new_events()
    return rig.start()


def mail_to(rig, address, seconds=30):
    """The message of the one mail to it."""
    deadline = time.monotonic() + seconds
    while True:
        found = [mail for mail in list(rig.sink.mails)
                 if address in mail.recipients]
        if found:
            [mail] = found
            return parse(mail.data)
        assert time.monotonic() < deadline, f"no mail to {address}"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def postrider(rig):
    return Command({"POSTRIDER_URL": rig.lighttpd.url})


# -- send


def test_send_and_wait(rig, postrider):
    said = postrider("send", "reader@example.com", "--subject", "Hello",
                     "--text", "From the command", "--wait")
    assert said.status == DONE, said
    job_id, word = said.out.split()
    assert word == "completed"
    mail = mail_to(rig, "reader@example.com")
    assert mail["Subject"] == "Hello"


def test_send_all_that_a_mail_can_have(rig, postrider, client, tmp_path):
    (tmp_path / "page.html").write_text("<p>Grüße</p>")
    (tmp_path / "data.bin").write_bytes(bytes(range(256)))
    said = postrider(
        "--json", "send", "a@example.com", "b@example.com", "--cc",
        "c@example.com", "--bcc", "d@example.com", "--bcc=e@example.com",
        "--from", "Me <me@example.com>", "--reply-to", "r@example.com",
        "--subject", "All of it", "--html", tmp_path / "page.html",
        "--text", "Greetings", "--attach", tmp_path / "data.bin",
        "--header", "X-Case: 17", "--tag", "kind=test",
        "--unsubscribe", "https://example.com/u", "--idempotency-key", "k1")
    assert said.status == DONE, said
    mail = mail_to(rig, "e@example.com")
    assert mail["X-Case"] == "17"
    assert mail["From"] == "Me <me@example.com>"
    assert mail["Cc"] == "c@example.com"
    assert "Bcc" not in mail
    [file] = mail.iter_attachments()
    assert file.get_filename() == "data.bin"
    assert file.get_content() == bytes(range(256))
    assert mail.get_body(("html",)).get_content().strip() == "<p>Grüße</p>"
    assert client.wait(said.json["id"])["status"] == "completed"


def test_the_text_comes_from_stdin(rig, postrider):
    said = postrider("send", "stdin@example.com", "--subject", "s",
                     text="Line one\nLine two\n")
    assert said.status == DONE, said
    assert mail_to(rig, "stdin@example.com").get_content().splitlines() \
        == ["Line one", "Line two"]


def test_what_fails_is_told(postrider):
    said = postrider("send", "error@email.com", "--subject", "s", "--text",
                     "t", "--wait")
    assert said.status == REFUSED, said
    assert " failed: " in said.out


def test_the_same_key_is_the_same_mail(postrider):
    send = ("send", "key@example.com", "--subject", "s", "--text", "t",
            "--idempotency-key", "the same", "--json")
    assert postrider(*send).json["id"] == postrider(*send).json["id"]


def test_warnings_go_to_stderr(postrider):
    said = postrider("send", "w@example.com", "--subject", "s" * 300,
                     "--text", "t")
    assert said.status == DONE
    assert said.err.startswith("warning: subject ")


def test_a_file_that_is_not_there(postrider):
    said = postrider("send", "a@example.com", "--subject", "s", "--text", "t",
                     "--attach", "/nowhere")
    assert (said.status, said.out) == (USAGE, "")
    assert said.err == ("postrider send: /nowhere: No such file or "
                        "directory\n")


# -- looking


def test_show(postrider, client):
    job_id = client.send("show@example.com", "To be shown")
    client.wait(job_id)
    said = postrider("show", job_id)
    assert said.status == DONE, said
    assert f"id           {job_id}" in said.lines
    assert "status       completed" in said.lines
    assert any(line.startswith("  show@example.com") and " taken " in line
               for line in said.lines)
    assert [line.split()[2] for line in
            said.lines[said.lines.index("history") + 1:]] == [
                "queued", "processing", "completed"]
    assert postrider("show", job_id, "--json").json == client.job(job_id)


def test_a_reply_cannot_play_tricks_on_the_terminal(rig, postrider, client):
    rule = rig.sink.on("rcpt", reply=b"550 5.1.1 \x1b]0;pwned\x07 nobody\r\n")
    job_id = client.send("trick@example.com")
    assert client.wait(job_id)["status"] == "failed"
    rule.remove()
    said = postrider("show", job_id)
    assert "\x1b" not in said.out and "\x07" not in said.out
    assert "nobody" in said.out


def test_history_page_by_page(postrider, client):
    ids = [client.send("h@example.com", f"Number {i}") for i in range(7)]
    said = postrider("history", "--limit", 3)
    assert said.status == DONE, said
    assert said.lines[0].split() == ["accepted", "status", "to", "subject",
                                     "id"]
    assert [line.split()[-1] for line in said.lines[1:]] == ids[:3:-1]
    every = [job["id"] for job in postrider("history", "--all",
                                            "--json").jsons]
    assert every == [job["id"] for job in client.history(limit=500)["jobs"]]
    said = postrider("history", "--status", "failed", "--json")
    assert {job["status"] for job in said.jsons} == {"failed"}


def test_tail_until_so_many(postrider, client):
    follower = postrider.start("tail", "--json", "--count", 6, "--status",
                               "completed")
    with follower:
        ids = []
        # Its stream begins when it begins: mails until it has its six.
        while follower.poll() is None:
            ids.append(client.send("tail@example.com"))
            client.wait(ids[-1])
        events = [json.loads(line) for line in follower.stdout]
    assert follower.returncode == DONE
    assert {event["status"] for event in events} == {"completed"}
    seen = [event["job_id"] for event in events]
    assert [job_id for job_id in ids if job_id in seen] == seen


def test_status(postrider):
    said = postrider("status")
    assert said.status == DONE, said
    assert said.lines[0].split() == ["status", "ok"]
    assert "redis         up" in said.lines
    whole = postrider("status", "--json").json
    assert whole["health"]["status"] == "ok"
    assert whole["stats"]["queue"]["outbox"] == 0


# -- what is wrong


@pytest.mark.parametrize("words, why", [
    ((), "which command?"),
    (("sned",), "'sned' is no command"),
    (("--jsno", "status"), "'--jsno' is not an option"),
    (("send",), "needs more arguments"),
    (("show", "a", "b"), "has too many arguments"),
    (("send", "a@b.example", "--from"), "'--from' needs a value"),
    (("send", "a@b.example", "--wait=1"), "'--wait=1' takes no value"),
    (("history", "--limit", "0"), "--limit is a number from 1"),
    (("send", "a@b.example", "--text", "t", "--tag", "x"),
     "--tag is NAME=VALUE"),
    (("--env", "/nowhere", "status"), "/nowhere: No such file"),
])
def test_wrong_usage(postrider, words, why):
    said = postrider(*words)
    assert (said.status, said.out) == (USAGE, ""), said
    assert why in said.err
    assert len(said.err.splitlines()) == 1


def test_a_wrong_setting(postrider):
    said = postrider("status", env={"POSTRIDER_TIMEOUT": "soon"})
    assert said.status == USAGE
    assert said.err.startswith("POSTRIDER_TIMEOUT: 'soon' is not a duration")


def test_what_the_api_refuses(postrider):
    said = postrider("send", "no address", "--subject", "s", "--text", "t")
    assert (said.status, said.out) == (REFUSED, "")
    assert said.err.startswith("postrider: to")
    said = postrider("show", "0" * 36, "--json")
    assert said.status == REFUSED
    assert json.loads(said.err)["name"] == "not_found"


def test_nobody_answers(postrider):
    url = f"http://127.0.0.1:{ports.free()}"
    said = postrider("status", "--url", url)
    assert said.status == UNREACHABLE
    assert said.err.startswith(f"postrider: {url} does not answer: ")


def test_settings_of_a_file(postrider, tmp_path, rig):
    (tmp_path / "env").write_text(
        "# what the services read\n; and this\n"
        f" POSTRIDER_URL = ignored, as systemd would\n"
        f'POSTRIDER_URL="{rig.lighttpd.url}"\n')
    said = Command({})("--env", tmp_path / "env", "status")
    assert said.status == DONE, said


def test_help_and_version(postrider):
    assert postrider("--version").out.startswith("postrider ")
    every = postrider("--help").out
    for line in every.split("Commands:\n")[1].split("\n\n")[0].splitlines():
        words = line.split("  ")[1].split()
        said = postrider(*words, "--help")
        assert said.status == DONE
        assert said.out.startswith(f"Usage: postrider {' '.join(words)}")


# -- completion


@pytest.mark.parametrize("line, wanted", [
    ("postrider hi", {"history"}),
    ("postrider history --st", {"--status"}),
    ("postrider --js", {"--json"}),
])
def test_completion(line, wanted):
    words = line.split(" ")
    script = (f"source {ROOT}/ctl/postrider.bash; COMP_WORDS=({line}); "
              f"COMP_CWORD={len(words) - 1}; _postrider; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    out = subprocess.run(["bash", "-c", script], text=True, check=True,
                         stdout=subprocess.PIPE, timeout=30,
                         env={"PATH": f"{PROGRAM.parent}:/usr/bin:/bin"})
    assert set(out.stdout.split()) == wanted


# -- the queue


def test_pause_and_resume(postrider, client):
    said = postrider("queue", "pause")
    assert said.status == DONE, said
    assert said.lines[0].startswith("sending is paused since 20")
    try:
        job_id = client.send("held@example.com")
        assert postrider("status").status == REFUSED  # degraded
    finally:
        said = postrider("queue", "resume")
    assert said.lines == ["sending is not paused"]
    assert client.wait(job_id)["status"] == "completed"


def test_pause_a_domain(postrider, client):
    assert postrider("queue", "pause", "--domain", "slow.example").status == 0
    said = postrider("queue", "status")
    assert said.lines[:2] == ["sending is not paused", "paused domains"]
    assert said.lines[2].startswith("  slow.example ")
    client.wait(client.send("quick@example.com"), "completed")
    assert postrider("queue", "resume", "--domain", "slow.example").lines == [
        "sending is not paused"]


def test_cancel_and_retry(postrider, client):
    job_id = client.send("error@email.com")
    client.wait(job_id, "failed")
    said = postrider("cancel", job_id)
    assert said.status == REFUSED and "failed" in said.err
    said = postrider("retry", job_id)
    assert said.status == DONE, said
    client.wait(job_id, "failed")


def test_why(postrider, client):
    job_id = client.send("error@email.com")
    client.wait(job_id, "failed")
    said = postrider("why", job_id)
    assert said.status == DONE, said
    assert said.lines[0].startswith("failed: ")
    attempts = said.lines[said.lines.index("attempts") + 1:]
    assert len([line for line in attempts if line.startswith("  20")]) == 3
    assert postrider("why", job_id, "--json").json["id"] == job_id


def test_a_schedule_is_moved_and_cancelled(postrider):
    job_id = postrider("send", "later@example.com", "--subject", "s", "--text",
                       "t", "--at", "in 1 hour", "--json").json["id"]
    said = postrider("move", job_id, "in 2 hours")
    assert said.status == DONE, said
    assert "status       scheduled" in postrider("show", job_id).lines
    assert postrider("cancel", job_id).out == f"{job_id} cancelled\n"


def test_redrive(postrider, client, rig):
    rule = rig.sink.on("rcpt", reply="550 5.7.1 nobody")
    ids = [client.send(f"{i}@again.example") for i in range(5)]
    for job_id in ids:
        client.wait(job_id, "failed")
    rule.remove()
    words = ("redrive", "--status", "failed", "--to", "again.example")
    assert postrider(*words, "--dry-run").out == "dry run: 5 mails\n"
    assert client.job(ids[0])["status"] == "failed"
    said = postrider(*words, "--rate", 100)
    assert said.status == DONE, said
    assert "5 mails, 5 redriven, 0 skipped" in said.out
    for job_id in ids:
        client.wait(job_id, "completed")
    redrive = said.out.split(":")[0]
    assert postrider("redrive", "show", redrive).out == said.out
