# SPDX-License-Identifier: MIT
"""postrider suppress, and which key may do what to the list."""

import pytest

from client import Client
from command import Command
from keys import Keys, key_id

SETTINGS = {"AUTH": "required"}
DONE, REFUSED, USAGE, UNREACHABLE, DENIED = range(5)


@pytest.fixture(scope="module")
def tokens(rig):
    keys = Keys(rig)
    return {scope: keys.add(scope) for scope in ("read", "send", "admin")}


@pytest.fixture(scope="module")
def postrider(rig, tokens):
    return Command({"POSTRIDER_URL": rig.lighttpd.url,
                    "POSTRIDER_API_KEY": tokens["admin"]})


def test_add_show_remove(postrider, tokens):
    said = postrider("suppress", "add", "Ann@one.example", "bob@one.example",
                     "--reason", "complaint", "--reply", "called it junk",
                     "--job", "j-7", "--expires", "in 30 days")
    assert said.status == DONE, said
    assert said.out.count("called it junk") == 2
    said = postrider("suppress", "show", "ann@one.example")
    assert said.status == DONE, said
    assert said.lines[0].split()[2:] == [
        "complaint", "(all", "mail)", "ann@one.example"]
    assert [line.split()[0] for line in said.lines[1:]] == [
        "said", "mail", "happened", "by", "until"]
    [one] = postrider("suppress", "show", "ann@one.example", "--json").jsons
    assert (one["job_id"], one["created_by"]) == (
        "j-7", key_id(tokens["admin"]))
    said = postrider("suppress", "remove", "ann@one.example")
    assert said.status == DONE and "ann@one.example" in said.out, said
    said = postrider("suppress", "show", "ann@one.example")
    assert (said.status, said.out) == (REFUSED, "")
    assert said.err == (
        "postrider suppress show: this address is not suppressed\n")
    said = postrider("suppress", "remove", "ann@one.example", "bob@one.example")
    assert said.status == REFUSED and "bob@one.example" in said.out, said
    assert "not suppressed" in said.err
    [gone] = postrider("suppress", "list", "--removed", "--json", "--domain",
                       "one.example", "--limit", 1).jsons
    assert (gone["address"], gone["removed_by"]) == (
        "bob@one.example", key_id(tokens["admin"]))


def test_list(postrider):
    addresses = [f"l{n}@list.example" for n in range(5)]
    assert postrider("suppress", "add", *addresses, "--list", "news",
                     "--json").status == DONE
    postrider("suppress", "add", "all@list.example")
    said = postrider("suppress", "list", "--list", "news", "--limit", 2)
    assert said.status == DONE, said
    assert said.lines[0].split() == ["since", "reason", "list", "address"]
    assert [line.split()[2:] for line in said.lines[1:]] == [
        ["manual", "news", address] for address in addresses[:2:-1]]
    found = postrider("suppress", "list", "--all", "--domain", "list.example",
                      "--json").jsons
    assert [one["address"] for one in found] == [
        "all@list.example", *addresses[::-1]]


@pytest.mark.parametrize("words, status", [
    (("list", "--limit", "none"), USAGE), (("add",), USAGE), (("show",), USAGE),
    (("add", "nobody"), REFUSED), (("add", "a@b.c", "--reason", "x"), REFUSED)])
def test_what_is_wrong_is_said(postrider, words, status):
    said = postrider("suppress", *words)
    assert (said.status, said.out) == (status, "") and said.err, said


def test_scopes(rig, tokens):
    may = {"read": {"GET"}, "send": {"POST"}, "admin": {"GET", "POST", "DELETE"}}
    for scope, token in tokens.items():
        client = Client(rig.lighttpd.url, token)
        for method, path, body in (
                ("GET", "/api/suppressions", None),
                ("POST", "/api/suppressions", {"address": "s@scope.example"}),
                ("DELETE", "/api/suppressions?address=s@scope.example", None)):
            status = client.ask(method, path, body).status
            assert (status != 403) == (method in may[scope]), (scope, method)
            assert status in (200, 201, 403), (scope, method, status)
