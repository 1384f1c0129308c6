# SPDX-License-Identifier: MIT
"""postrider with AUTH=required: keys, and what needs which."""

import pytest

from command import Command
from keys import Keys, key_id
from stack import ports

SETTINGS = {"AUTH": "required"}
DONE, REFUSED, USAGE, UNREACHABLE, DENIED = range(5)


@pytest.fixture(scope="module")
def postrider(rig):
    return Command({"POSTRIDER_URL": rig.lighttpd.url,
                    "REDIS_URL": rig.redis.url})


@pytest.fixture(scope="module")
def keys(rig):
    return Keys(rig)


def test_without_a_key(postrider):
    said = postrider("history")
    assert (said.status, said.out) == (DENIED, "")
    assert said.err.endswith(
        "(set POSTRIDER_API_KEY or POSTRIDER_API_KEY_FILE)\n")


def test_the_first_key_then_in(postrider, tmp_path):
    said = postrider("keys", "add", "web shop", "--quota", 100)
    assert said.status == DONE, said
    assert "nobody can be told it again" in said.err
    (tmp_path / "key").write_text(said.out)
    for words, env in (((), {"POSTRIDER_API_KEY": said.out.strip()}),
                       ((), {"POSTRIDER_API_KEY_FILE":
                             str(tmp_path / "key")}),
                       (("--key-file", tmp_path / "key"),
                        {"POSTRIDER_API_KEY": "wrong"})):
        sent = postrider(*words, "send", "a@example.com", "--subject", "s",
                         "--text", "t", env=env)
        assert sent.status == DONE, sent


def test_a_key_of_another_scope(postrider, keys):
    said = postrider("send", "a@example.com", "--subject", "s", "--text", "t",
                     env={"POSTRIDER_API_KEY": keys.add("read")})
    assert said.status == DENIED


def test_list_tells_all_but_the_secret(postrider, keys):
    token = keys.add("admin", name="for listing", networks="127.0.0.0/8")
    said = postrider("keys", "list")
    [line] = [line for line in said.lines if key_id(token) in line]
    assert line.split() == [key_id(token), "for", "listing", "admin", "ok",
                            "networks=127.0.0.0/8"]
    assert token.split("_")[2] not in said.out
    listed = keys.list()[key_id(token)]
    assert listed["networks"] == "127.0.0.0/8" and listed["state"] == "ok"
    assert "digest" not in listed
    keys.revoke(token)
    assert keys.list()[key_id(token)]["state"] == "revoked"


def test_rotate(postrider, keys):
    old = keys.add("read")
    said = postrider("keys", "rotate", key_id(old), "--json")
    assert said.status == DONE, said
    for token in (old, said.json["key"]):
        assert postrider("history", env={"POSTRIDER_API_KEY": token}
                         ).status == DONE


@pytest.mark.parametrize("words, why", [
    (("add", ""), "NAME "),
    (("add", "x", "--scopes", "all"), "--scopes "),
    (("add", "x", "--rate", "fast"), "--rate "),
    (("rotate", "x", "--overlap", "long"), "--overlap is a duration"),
])
def test_wrong_words(postrider, words, why):
    said = postrider("keys", *words)
    assert (said.status, said.out) == (USAGE, "")
    assert why in said.err


def test_no_such_key(postrider):
    for verb in ("revoke", "rotate"):
        said = postrider("keys", verb, "0123456789abcdef")
        assert said.status == REFUSED
        assert said.err == "postrider: there is no key 0123456789abcdef\n"


def test_redis_is_away(postrider):
    said = postrider("keys", "list", env={
        "REDIS_URL": f"redis://127.0.0.1:{ports.free()}"})
    assert said.status == UNREACHABLE
    assert said.err.startswith("postrider: REDIS_URL: ")
