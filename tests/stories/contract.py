# SPDX-License-Identifier: MIT
"""
docs/openapi.yaml, held against answers: check() raises for what an answer has
and the document has not, and `seen` gathers what of the document there was.
"""

import re
from urllib.parse import parse_qs

import yaml
from jsonschema import Draft202012Validator

from rig import ROOT

PATH = ROOT / "docs" / "openapi.yaml"
METHODS = ("get", "post", "patch", "delete")
# Of HTTP itself: web servers add them as they like (RFC 9110, 9112).
HTTP_HEADERS = {"connection", "content-length", "content-type", "date",
                "keep-alive", "server", "transfer-encoding"}

# Of a request: what is told by the scheme of its key, or by RFC 6455.
OF_ITSELF = {"authorization", "host", "upgrade", "sec-websocket-key",
             "sec-websocket-version", "sec-websocket-extensions"}


class Contract:
    def __init__(self):
        self.document = yaml.safe_load(PATH.read_text())
        self.operations = {
            (method.upper(), path): item[method]
            for path, item in self.document["paths"].items()
            for method in METHODS if method in item}
        self.seen = set()  # as wanted() has them
        self.validators = {}

    # -- the document

    def resolve(self, node):
        """(what a node stands for, the pointer that it is known by or None)"""
        pointer = None
        while "$ref" in node:
            pointer = node["$ref"]
            node = self.document
            for part in pointer.removeprefix("#/").split("/"):
                node = node[part]
        return node, pointer

    def find(self, method, path):
        """The operation of a request, and its path's pattern; or None."""
        method = "GET" if method == "HEAD" else method
        for key in sorted(self.operations, key=lambda key: "{" in key[1]):
            pattern = re.sub(r"\{\w+\}", "[^/]+", key[1])
            if key[0] == method and re.fullmatch(pattern, path):
                return key
        return None

    def roles(self, key):
        """The scopes that open it: [] any key; None: no key at all."""
        security = self.operations[key].get("security",
                                            self.document["security"])
        if not security:
            return None
        [roles] = {tuple(scheme) for need in security
                   for scheme in need.values()}
        return list(roles)

    def statuses(self, key):
        return {int(status) for status in self.operations[key]["responses"]
                if status != "default"}

    def response(self, key, status):
        responses = self.operations[key]["responses"]
        return self.resolve(responses.get(str(status), responses["default"]))[0]

    def schema_of(self, response):
        """(media type, schema) of what it carries, or (None, None)"""
        for kind, content in response.get("content", {}).items():
            return kind, content["schema"]
        return None, None

    def faults(self, schema, value):
        key = id(schema)
        if key not in self.validators:
            whole = dict(schema) | {"components": self.document["components"]}
            self.validators[key] = Draft202012Validator(whole)
        return [f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}"
                for fault in self.validators[key].iter_errors(value)]

    # -- what is wanted

    def names(self, schema):
        """The names of an error that a response may have."""
        return {name for _, name in self.problems(schema)}

    def problems(self, schema):
        """Of a response's schema: {(status, name of the error)}"""
        kinds = [kind.get("properties", {}) for kind in
                 (schema, *schema.get("oneOf", ()))]
        return {(status, name) for kind in kinds if "statusCode" in kind
                for status in kind["statusCode"]["enum"]
                for name in kind["name"]["enum"]}

    def properties(self, schema, within="", found=None):
        """("property", where its schema is, name) of all below a schema."""
        found = set() if found is None else found
        target, pointer = self.resolve(schema)
        within = pointer or within
        if pointer and ("schema", pointer) in found:
            return found
        if pointer:
            found.add(("schema", pointer))
        for name, below in target.get("properties", {}).items():
            found.add(("property", within, name))
            self.properties(below, f"{within}/{name}", found)
        for i, below in enumerate(target.get("oneOf", ())):
            self.properties(below, f"{within}/{i}", found)
        if isinstance(target.get("items"), dict):
            self.properties(target["items"], f"{within}[]", found)
        return found

    def wanted(self):
        """All that has to be seen: statuses, names of errors, properties and
        headers of each operation."""
        wanted = set()
        for key, operation in self.operations.items():
            for status in operation["responses"]:
                response = self.response(key, status)
                schema = self.schema_of(response)[1] or {}
                wanted |= {(*self.place(key, status), name)
                           for name in self.names(schema) or ("",)}
                wanted |= {("header", id(response["headers"]), name)
                           for name in response.get("headers", {})}
                wanted |= self.properties(schema)
        wanted |= self.properties(
            self.document["components"]["schemas"]["EventMessage"],
            "EventMessage")
        return {item for item in wanted if item[0] != "schema"}

    def place(self, key, status):
        """What `default` says is the same everywhere."""
        return ("default",) if status == "default" else (*key, str(status))

    # -- what there is

    def check_request(self, method, target, data=None, headers=()):
        """Of a request that was good."""
        path, _, query = target.partition("?")
        key = self.find(method, path)
        item = self.document["paths"][key[1]]
        operation = self.operations[key]
        known = {(it["in"], it["name"].lower()) for it in (
            self.resolve(it)[0] for it in (*item.get("parameters", ()),
                                           *operation.get("parameters", ())))}
        asked = {("query", name) for name in parse_qs(query)} | {
            ("header", name.lower()) for name in headers
            if name.lower() not in HTTP_HEADERS | OF_ITSELF}
        assert asked - {("query", "ticket")} <= known, (asked, known)
        if data is not None:
            schema = operation["requestBody"]["content"]["application/json"][
                "schema"]
            faults = self.faults(schema, data)
            assert not faults, "\n".join([*faults, repr(data)])
        else:
            assert not operation.get("requestBody", {}).get("required"), key

    def check(self, method, target, answer):
        path = target.partition("?")[0]
        key = self.find(method, path)
        if key is None:  # there is no such path, or no such method of it
            key = ("GET", "/health")
            assert answer.status in (401, 404, 405, 429, 501), answer
            if answer.status in (401, 429):
                return
        known = answer.status in self.statuses(key)
        response = self.response(key, answer.status)
        schema = self.check_body(method, response, answer)
        self.check_headers(response, answer)
        place = self.place(key, answer.status if known else "default")
        names = self.names(schema)
        self.seen.add((*place, answer.json["name"] if names and
                       method != "HEAD" else ""))

    def check_body(self, method, response, answer):
        kind, schema = self.schema_of(response)
        if kind is None:
            assert not answer.body, answer
            return {}
        said = answer.headers["Content-Type"].partition(";")[0]
        assert said == kind, (said, answer)
        if kind == "application/json" and method != "HEAD":
            self.check_value(schema, answer.json)
        return schema

    def check_value(self, schema, value, within=""):
        faults = self.faults(schema, value)
        assert not faults, "\n".join([*faults, repr(value)])
        self.mark(schema, value, within)

    def check_headers(self, response, answer):
        documented = response.get("headers", {})
        names = {name.lower(): name for name in documented}
        sent = {name.lower() for name in answer.headers} - HTTP_HEADERS
        assert sent <= names.keys(), (sent - names.keys(), answer)
        for name, header in documented.items():
            header = self.resolve(header)[0]
            if name.lower() not in sent:
                assert not header.get("required"), (name, answer)
                continue
            value = answer.headers[name]
            if header["schema"]["type"] == "integer":
                value = int(value)
            faults = self.faults(header["schema"], value)
            assert not faults, (name, faults)
            self.seen.add(("header", id(documented), name))

    def mark(self, schema, value, within=""):
        target, pointer = self.resolve(schema)
        within = pointer or within
        for i, below in enumerate(target.get("oneOf", ())):
            if not self.faults(below, value):
                self.mark(below, value, f"{within}/{i}")
        if isinstance(value, dict):
            for name, below in target.get("properties", {}).items():
                if name in value:
                    self.seen.add(("property", within, name))
                    self.mark(below, value[name], f"{within}/{name}")
        if isinstance(value, list) and isinstance(target.get("items"), dict):
            for item in value:
                self.mark(target["items"], item, f"{within}[]")
