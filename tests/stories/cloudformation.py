# SPDX-License-Identifier: MIT
"""
The templates of deploy/ecs as CloudFormation would see them: conditions and
intrinsic functions evaluated, nested stacks wired. What only AWS knows is a
text @STACK.RESOURCE[.ATTRIBUTE], the same wherever it gets to.
"""

import functools
import json
import re

import yaml
from rig import ROOT

FOLDER = ROOT / "deploy" / "ecs"
ROOT_STACK = "postrider"
GIVEN = {  # what an operator must say
    "Templates": "https://bucket.s3.us-east-1.amazonaws.com/postrider/1",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "ImageTag": "1",
    "SesLogin": "arn:aws:secretsmanager:us-east-1:123456789012:secret:ses-1",
    "SmtpFrom": "shop@example.com",
}
PSEUDO = {"AWS::Region": "us-east-1", "AWS::AccountId": "123456789012",
          "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
GONE = object()  # AWS::NoValue


class Loader(yaml.SafeLoader):
    """Short forms become long ones."""


def long_form(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if name == "Fn::GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", long_form)


@functools.cache
def load(name):
    return yaml.load((FOLDER / f"{name}.yaml").read_text(), Loader)


def names():
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


class Stack:
    """A template with these parameters, and the stacks that it makes."""

    def __init__(self, name, parameters, called=""):
        self.name = name
        self.called = called or name
        self.template = load(name)
        declared = self.template.get("Parameters", {})
        assert parameters.keys() <= declared.keys(), (name, parameters)
        self.parameters = {key: parameters.get(key, it.get("Default"))
                           for key, it in declared.items()}
        lacks = [key for key, value in self.parameters.items() if value is None]
        assert not lacks, f"{name} is not told {lacks}"
        self.conditions = {}
        for key in self.template.get("Conditions", {}):
            self.holds(key)
        self.there = {key: it for key, it in self.template["Resources"].items()
                      if self.holds(it.get("Condition"))}
        self.stacks = {}
        self.resources = {key: self.resource(key, it)
                          for key, it in self.there.items()}

    def holds(self, condition):
        if condition is None:
            return True
        if condition not in self.conditions:
            self.conditions[condition] = self.value(
                self.template["Conditions"][condition])
        return self.conditions[condition]

    def resource(self, key, it):
        for other in as_list(it.get("DependsOn", [])):
            self.must_be(other)
        properties = self.value(it.get("Properties", {}))
        if it["Type"] == "AWS::CloudFormation::Stack":
            self.stack(key)
        return {"Type": it["Type"], "Properties": properties}

    def stack(self, key):
        if key not in self.stacks:
            it = self.there[key]["Properties"]
            file = self.value(it["TemplateURL"]).rpartition("/")[2]
            self.stacks[key] = Stack(file.removesuffix(".yaml"),
                                     self.value(it["Parameters"]), key)
        return self.stacks[key]

    def outputs(self):
        return {key: self.value(it["Value"])
                for key, it in self.template.get("Outputs", {}).items()
                if self.holds(it.get("Condition"))}

    def must_be(self, key):
        assert key in self.there, f"{self.name}: {key} is not there"

    # -- values

    def value(self, node):
        if isinstance(node, list):
            values = [self.value(item) for item in node]
            return [item for item in values if item is not GONE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (name, argument), = node.items()
            if name == "Ref":
                return self.ref(argument)
            if name == "Condition" and isinstance(argument, str):
                return self.holds(argument)
            if name.startswith("Fn::"):
                return getattr(self, name[4:].lower())(argument)
        values = {key: self.value(item) for key, item in node.items()}
        return {key: item for key, item in values.items() if item is not GONE}

    def ref(self, name):
        if name == "AWS::NoValue":
            return GONE
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            value = self.parameters[name]
            kind = self.template["Parameters"][name]["Type"]
            many = kind.startswith("List<") and isinstance(value, str)
            return value.split(",") if many else value
        self.must_be(name)
        return f"@{self.called}.{name}"

    def getatt(self, path):
        name, attribute = path
        self.must_be(name)
        if attribute.startswith("Outputs."):
            outputs = self.stack(name).outputs()
            assert attribute[8:] in outputs, f"{name} has no {attribute}"
            return outputs[attribute[8:]]
        return f"@{self.called}.{name}.{attribute}"

    def sub(self, argument):
        text, more = argument if isinstance(argument, list) else (argument, {})
        def put(match):
            name = match[1]
            if name in more:
                return str(self.value(more[name]))
            return str(self.getatt(name.split(".", 1)) if "." in name
                       else self.ref(name))
        return re.sub(r"\$\{([^}]+)\}", put, text)

    def equals(self, pair):
        first, second = map(self.value, pair)
        return str(first) == str(second)

    def __getattr__(self, name):
        return {"if": self.choose, "not": lambda it: not self.value(it[0]),
                "join": self.join, "select": self.select,
                "split": self.split}[name]

    def choose(self, argument):
        condition, yes, no = argument
        return self.value(yes if self.holds(condition) else no)

    def join(self, argument):
        return argument[0].join(self.value(argument[1]))

    def select(self, argument):
        values = self.value(argument[1])
        return values[int(argument[0])] if isinstance(values, list) else (
            f"{values}[{argument[0]}]")

    def split(self, argument):
        value = self.value(argument[1])
        return value.split(argument[0]) if argument[0] in value else [
            "", f"{value}-split"]

    def findinmap(self, argument):
        name, first, second = map(self.value, argument)
        return self.template["Mappings"][name][first][second]

    # -- the template that is left once all conditions are decided

    def decided(self):
        body = {"Resources": {
            key: {part: self.reduced(value) for part, value in it.items()
                  if part != "Condition"} for key, it in self.there.items()}}
        outputs = {key: {"Value": self.reduced(it["Value"])}
                   for key, it in self.template.get("Outputs", {}).items()
                   if self.holds(it.get("Condition"))}
        if outputs:
            body["Outputs"] = outputs
        text = json.dumps(body)
        used = {key: it for key, it in self.template.get(
            "Parameters", {}).items()
            if f'"Ref": "{key}"' in text or "${%s}" % key in text}
        return {"AWSTemplateFormatVersion": "2010-09-09",
                "Description": self.template["Description"]} | (
                    {"Parameters": used} if used else {}) | body

    def reduced(self, node):
        if isinstance(node, list):
            return [it for it in map(self.reduced, node) if it is not GONE]
        if not isinstance(node, dict):
            return node
        if "Fn::If" in node:
            condition, yes, no = node["Fn::If"]
            return self.reduced(yes if self.holds(condition) else no)
        if "Fn::FindInMap" in node:
            return self.value(node)
        if node == {"Ref": "AWS::NoValue"}:
            return GONE
        values = {key: self.reduced(it) for key, it in node.items()}
        return {key: it for key, it in values.items() if it is not GONE}


def as_list(it):
    return it if isinstance(it, list) else [it]


@functools.cache
def of(**switches):
    """All stacks by their template's name, with these switches."""
    root = Stack(ROOT_STACK, GIVEN | switches)
    return {stack.name: stack for stack in (root, *root.stacks.values())}
