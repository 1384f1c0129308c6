# SPDX-License-Identifier: MIT
"""docs/openapi.yaml is valid, is what the API serves, and says what the code and
the contract say."""

import json
import re

import pytest
import published
from contract import PATH, Contract
from keys import Keys
from rig import ROOT

SETTINGS = {"AUTH": "required"}
EVENTS = {("GET", "/ws"), ("GET", "/api/events")}  # are not the API's
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
ROLES = {"ADMIN": ["admin"], "READ": ["read"], "SEND": ["send"],
         "METRICS": ["read"], "KEY": [], "OPEN": None}


@pytest.fixture(scope="module")
def contract():
    return Contract()


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    return rig.start()


def section(title):
    """A part of the contract up to the next title."""
    return re.split(r"\n##+ ", PROTOCOL.partition(f"\n{title}\n")[2])[0]


def rows(text):
    """Cells of the rows of its tables."""
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in text.splitlines() if line.startswith("| ")]


def words(cell):
    return re.findall(r"`([^`]+)`", cell)


# -- the document itself


def judge(text):
    return published.run("validate_openapi.js", given=text)


def test_it_is_valid():
    text = PATH.read_text()
    assert judge(text) == {"valid": True, "version": "3.1", "errors": []}
    wrong = judge(text.replace("requestBody:", "requestbody:", 1))
    assert not wrong["valid"] and "requestbody" in str(wrong["errors"])


def schemas_of(node, found):
    """All schemas below a node that tell an object's members."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and "object" in str(
                node.get("type")):
            found.append(node)
        for below in node.values():
            schemas_of(below, found)
    elif isinstance(node, list):
        for below in node:
            schemas_of(below, found)
    return found


def test_nothing_may_be_there_that_is_not_told(contract):
    """But in what a WebSocket's client says: it is not our answer."""
    said = contract.document["components"]["schemas"]["ClientMessage"]["oneOf"]
    closed = schemas_of(contract.document, [])
    assert len(closed) > 40
    for schema in closed:
        assert schema in said or schema["additionalProperties"] is False, schema
        assert set(schema.get("required", ())) <= schema["properties"].keys()


def test_all_of_it_is_used(contract):
    text = json.dumps(contract.document)
    for kind in ("headers", "parameters", "responses", "schemas"):
        for name in contract.document["components"][kind]:
            used = f'"#/components/{kind}/{name}"' in text
            assert used or name in ("EventMessage", "ClientMessage"), name


def test_its_examples_are_what_it_asks_for(contract):
    examples = contract.operations["POST", "/api/emails"]["requestBody"][
        "content"]["application/json"]
    for example in examples["examples"].values():
        assert not contract.faults(examples["schema"], example["value"])


# -- and the API


def test_it_is_served(rig, client, contract):
    path = "/api/openapi.yaml"
    assert client.get(path).json["name"] == "missing_api_key"
    keys = Keys(rig)
    for scopes in ("send", "read", "admin"):
        answer = keys.client(scopes).get(path)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/yaml"
        assert answer.body == PATH.read_bytes()
    assert contract.document["info"]["version"] == client.get(
        "/health").json["version"]


def routes():
    """{(method, path): roles} of the route table."""
    return {(method, path): ROLES[access] for method, path, access in re.findall(
        r'\{ "(\w+)", "([^"]+)",\s+handle_\w+,\s+ACCESS_(\w+) \}',
        (ROOT / "cgi" / "dispatch.c").read_text())}


def test_its_paths_are_those_of_the_route_table(contract):
    table = (ROOT / "cgi" / "dispatch.c").read_text().count(", handle_")
    assert len(routes()) == table
    assert set(routes()) == set(contract.operations) - EVENTS
    for key, roles in routes().items():
        assert contract.roles(key) == roles, key
    for key in EVENTS:
        assert contract.roles(key) == ["read"]


# -- and docs/protocol.md


def test_its_scopes_are_those_of_the_contract(contract):
    told = {}
    table = section("## API keys").partition("| needs | paths |")[2]
    for needs, paths in rows(table):
        for pair in words(paths):
            method, _, path = pair.partition(" ")
            if path:
                told[method, path] = ROLES.get(
                    needs.strip("`").upper(),
                    {"nothing": None, "any key": []}.get(needs))
    assert told == {key: contract.roles(key) for key in contract.operations}


def problems_told():
    for statuses, names, *_ in rows(section("## Errors")) + rows(
            section("## Events")):
        if re.match(r"\d{3}\b", statuses):
            for status in re.findall(r"\d+", statuses):
                for name in words(names):
                    yield int(status), name


def test_its_errors_are_those_of_the_contract(contract):
    documented = set()
    for key, operation in contract.operations.items():
        for status in operation["responses"]:
            schema = contract.schema_of(contract.response(key, status))[1] or {}
            documented |= contract.problems(schema)
    assert documented == set(problems_told())


def test_what_the_web_server_says_is_told(contract):
    """Each page of lighttpd/errors, by what any operation may answer."""
    for path in sorted((ROOT / "lighttpd" / "errors").glob("*.html")):
        status = int(path.stem)
        schemas = [contract.schema_of(contract.response(key, told))[1]
                   for key in contract.operations
                   for told in (status, "default")]
        assert any(schema and not contract.faults(
            schema, json.loads(path.read_text())) for schema in schemas), path


@pytest.mark.parametrize("title, schema", [
    ("### POST /api/emails", "Mail"),
    ("### POST /api/emails/redrive", "RedriveRequest")])
def test_its_fields_are_those_of_the_contract(contract, title, schema):
    told = [field for cells in rows(section(title).split("\n**")[0])
            for field in words(cells[0])]
    assert set(told) == set(
        contract.document["components"]["schemas"][schema]["properties"])


@pytest.mark.parametrize("title, path", [
    ("### GET /api/jobs/history", "/api/jobs/history"),
    ("### GET /api/suppressions", "/api/suppressions")])
def test_its_parameters_are_those_of_the_contract(contract, title, path):
    table = section(title).partition("| parameter |")[2].partition("\n\n")[0]
    told = {name for cells in rows(table) for name in words(cells[0])}
    assert told == {contract.resolve(it)[0]["name"] for it in
                    contract.operations["GET", path]["parameters"]}


def test_its_statuses_and_reasons_are_those_of_the_contract(contract):
    schemas = contract.document["components"]["schemas"]
    tables = section("## Statuses").split("| reason |")
    for table, name in zip(tables, ("Status", "Reason"), strict=True):
        told = [words(cells[0]) for cells in rows(table)]
        assert sum(told, []) == schemas[name]["enum"], name
