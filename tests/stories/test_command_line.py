# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 400
"""
What each command of postrider has: JSON, completion; and what only a terminal
is shown. The commands are those of --help, so that none is left out.
"""

import json
import re
import subprocess

import pytest

from command import PROGRAM, Command
from keys import key_id
from rig import ROOT, WORKER

DONE, REFUSED, USAGE, UNREACHABLE, DENIED = range(5)
COLOUR = re.compile(r"\x1b\[\d+m")
BAR = re.compile(r"\r\[[# ]+\] (\d+) of (\d+)")
COMPLETE = """
source {script}
while IFS= read -r line; do
    read -ra COMP_WORDS <<<"$line"
    [[ $line == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
    COMPREPLY=()
    _postrider
    echo "${{COMPREPLY[@]}}"
done
"""


def run(*words):
    return subprocess.run([PROGRAM, *words, "--help"], text=True, check=True,
                          capture_output=True, timeout=60).stdout


def commands():
    told = run().split("Commands:\n")[1].split("\n\n")[0]
    return [re.split(" {2,}", line.strip())[0] for line in told.splitlines()]


def options(text):
    """{--option: its value's name or ""}"""
    told = text.split("Options:\n")[1].split("\n\n")[0]
    return dict(re.findall(r"^  (--[a-z-]+) ?([A-Z]\S*)?", told, re.M))


# -- JSON


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.new_events()
    return rig.start()


@pytest.fixture(scope="module")
def postrider(rig):
    return Command({
        "POSTRIDER_URL": rig.lighttpd.url, "REDIS_URL": rig.redis.url,
        "RABBITMQ_URL": rig.amqp_url(), "PORT": str(rig.worker.port),
        "PATH": f"{WORKER.parent}:/usr/bin:/bin"})


@pytest.fixture(scope="module")
def words(rig, postrider):
    """{command: what it is called with}; those that take something away
    have one of their own."""
    client = rig.client

    def scheduled():
        return client.send("later@example.com", scheduled_at="in 1 hour")

    def failed():
        job_id = client.send("error@email.com")
        client.wait(job_id, "failed")
        return job_id

    def key():
        return key_id(postrider("keys", "add", "json").out.strip())

    sent, refused = client.send(), failed()
    client.wait(sent, "completed")
    redrive = postrider("redrive", "--status", "failed", "--to",
                        "nobody.example", "--json").jsons[-1]["id"]
    assert postrider("suppress", "add", "show@x.example").status == DONE
    assert postrider("suppress", "add", "remove@x.example").status == DONE
    return {
        "setup": ["--dry-run", "--yes"],
        "send": ["a@example.com", "--subject", "s", "--text", "t"],
        "show": [sent], "why": [refused], "tail": ["--count", "1"],
        "history": [], "cancel": [scheduled()], "retry": [refused],
        "move": [scheduled(), "in 2 hours"],
        "redrive show": [redrive], "redrive cancel": [redrive],
        "redrive": ["--status", "failed", "--dry-run"],
        "keys add": ["json"], "keys list": [], "keys revoke": [key()],
        "keys rotate": [key()],
        "queue status": [], "queue pause": ["--domain", "held.example"],
        "queue resume": ["--domain", "held.example"],
        "queue migrate": ["--dry-run"],
        "suppress list": [], "suppress show": ["show@x.example"],
        "suppress add": ["add@x.example"],
        "suppress remove": ["remove@x.example"],
        "status": [], "doctor": ["--resolver", "127.0.0.1:1"],
        "restore": ["--send"],
    }


def follow(rig, process):
    """A stream begins when it begins: mails until it has what it wants."""
    with process:
        while process.poll() is None:
            rig.client.wait(rig.client.send("tail@example.com"))
        return process.stdout.read()


@pytest.mark.parametrize("command", commands())
def test_json(rig, postrider, words, command):
    call = ("--json", *command.split(), *words[command])
    if command == "tail":
        out = follow(rig, postrider.start(*call))
    else:
        said = postrider(*call)
        # Here is no systemd that setup could do something with.
        assert said.status == (REFUSED if command == "setup" else DONE), said
        out = said.out
    assert out.endswith("\n")
    for line in out.splitlines():
        assert isinstance(json.loads(line), dict), line


def test_a_fault_of_the_api_is_json(postrider):
    said = postrider("--json", "show", "0" * 36)
    assert (said.status, said.out) == (REFUSED, "")
    assert json.loads(said.err)["statusCode"] == 404


# -- completion


def complete(folder, *lines):
    """[what bash has for the last word of each line]"""
    ended = subprocess.run(
        ["bash", "-c", COMPLETE.format(script=ROOT / "ctl/postrider.bash")],
        input="".join(f"{line}\n" for line in lines), text=True, check=True,
        cwd=folder, capture_output=True, timeout=180,
        env={"PATH": f"{PROGRAM.parent}:/usr/bin:/bin"})
    assert not ended.stderr
    return [set(line.split()) for line in ended.stdout.splitlines()]


def test_it_completes_each_command(tmp_path):
    names = commands()
    firsts = sorted({name.split()[0] for name in names})
    first, *seconds = complete(tmp_path, "postrider ",
                               *(f"postrider {word} " for word in firsts))
    assert first == set(firsts)
    for word, found in zip(firsts, seconds, strict=True):
        assert found == {name.split()[1] for name in names
                         if name.startswith(f"{word} ")}, word


def test_it_completes_each_option_and_files_where_one_is_wanted(tmp_path):
    (tmp_path / "a-file").touch()
    common, asked, wanted = options(run()), [], []
    for name in commands():
        text = run(*name.split())
        own = options(text) if "Options:" in text else {}
        asked.append(f"postrider {name} --")
        wanted.append(set(own) | set(common))
        for option, value in (own | (common if name == "status" else {})
                              ).items():
            if value == "FILE":
                asked.append(f"postrider {name} {option} ")
                wanted.append({"a-file"})
    assert {"a-file"} in wanted
    for line, found, want in zip(asked, complete(tmp_path, *asked), wanted,
                                 strict=True):
        assert found == want, line


# -- a terminal


def test_colours_are_for_a_terminal(postrider):
    assert COLOUR.search(postrider.at_terminal("status").out)
    for plain in (postrider("status").out,
                  postrider.at_terminal("status", "--json").out,
                  postrider.at_terminal("status", env={"NO_COLOR": "1"}).out):
        assert "\x1b" not in plain and "ok" in plain


def test_a_bar_for_a_redrive(rig, postrider):
    rule = rig.sink.on("rcpt", reply="550 5.7.1 nobody")
    for i in range(3):
        rig.client.wait(rig.client.send(f"{i}@bar.example"), "failed")
    rule.remove()
    call = ("redrive", "--status", "failed", "--to", "bar.example")
    said = postrider.at_terminal(*call, "--rate", 100)
    assert said.status == DONE
    assert BAR.findall(said.out)[-1] == ("3", "3"), said
    said = postrider(*call)
    assert said.status == DONE and not BAR.search(said.out + said.err)
