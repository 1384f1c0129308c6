# SPDX-License-Identifier: MIT
"""The examples of docs/clients.md, run as they are printed."""

import email
import email.policy
import os
import re
import subprocess

import published
import pytest
from keys import Keys
from rig import ROOT

SETTINGS = {"AUTH": "required"}
# By the block's language: its file's name, what runs it.
PROGRAMS = {"sh": ("snippet.sh", "sh"), "js": ("snippet.js", "node"),
            "python": ("snippet.py", "/usr/bin/python3"),
            "php": ("snippet.php", "php")}
SNIPPETS = {title: (language, code) for title, language, code in re.findall(
    r"^### ([^\n]+)\n(?:(?!^#).)*?^```(\w+)\n(.*?)^```$",
    (ROOT / "docs" / "clients.md").read_text().partition(
        "## Resend's SDK\n")[0], re.M | re.S)}
RESEND = "Node.js, Resend's SDK"


def short(title):
    return title.split()[-1]


@pytest.fixture(scope="module")
def env(rig):
    rig.client.key = Keys(rig).add("send,read")
    return {name: value for name, value in os.environ.items()
            if name in ("PATH", "LANG")} | {
        "POSTRIDER_URL": rig.lighttpd.url,
        "POSTRIDER_API_KEY": rig.client.key,
        "RESEND_BASE_URL": f"{rig.lighttpd.url}/api",
        "RESEND_API_KEY": rig.client.key,
        "NODE_PATH": str(published.MADE / "node_modules")}


def run(folder, title, env):
    language, code = SNIPPETS[title]
    name, program = PROGRAMS[language]
    (folder / name).write_text(code)
    return subprocess.run([program, folder / name], env=env, text=True,
                          capture_output=True, timeout=60)


def test_all_are_found():
    assert SNIPPETS.keys() == {"curl", "Node.js", RESEND, "Python", "PHP"}


@pytest.mark.parametrize("title", SNIPPETS, ids=short)
def test_snippet(rig, env, tmp_path, title):
    """Twice: by its key it is one mail."""
    if title == RESEND:
        published.install()
    first, again = (run(tmp_path, title, env) for _ in range(2))
    assert first.returncode == again.returncode == 0, first
    assert first.stdout == again.stdout
    job_id, = re.findall(r'^(?:.*"id":")?([0-9a-f-]{36})', first.stdout, re.M)
    assert rig.client.wait(job_id)["status"] == "completed"
    mail, = [mail for mail in rig.sink.wait(1)
             if f"<{job_id}@".encode() in mail.data]
    message = email.message_from_bytes(mail.data, policy=email.policy.default)
    assert message["Subject"] == (
        "Welcome by Resend" if title == RESEND else f"Welcome by {title}")
    assert message["From"] == "Shop <shop@example.com>"
    assert mail.recipients == ["ada@example.com"]
    assert b"Hello Ada." in mail.data


@pytest.mark.parametrize("title", SNIPPETS, ids=short)
def test_a_snippet_fails_aloud(rig, env, tmp_path, title):
    if title == RESEND:
        published.install()
    bad = env | {"POSTRIDER_API_KEY": "pr_x", "RESEND_API_KEY": "pr_x"}
    failed = run(tmp_path, title, bad)
    assert failed.returncode != 0
    assert "key" in failed.stdout + failed.stderr
