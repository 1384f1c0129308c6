# SPDX-License-Identifier: MIT
"""
What a Dockerfile says, and the rules that ours keep. DLnnnn is hadolint's name
of a rule, whose program Debian has not; what a shell gets, shellcheck judges.
Not held: DL3008 (versions of packages), for a build is to have their fixes.
"""

import collections
import json
import re
import subprocess

Instruction = collections.namedtuple("Instruction", "line word value")
Stage = collections.namedtuple("Stage", "base name instructions")

ONCE = {"CMD": "DL4003", "ENTRYPOINT": "DL4004", "HEALTHCHECK": "DL3012"}
PROGRAMS = {"CMD": "DL3025", "ENTRYPOINT": "DL3025"}
LABELS = {"title", "description", "version", "licenses", "base.name"}
SECRET = re.compile(r"PASS|SECRET|TOKEN|CREDENTIAL|(^|_)KEY")
# Of one kind of machine only; the last is where Debian keeps its libraries.
MACHINE = re.compile(r"amd64|arm64|x86|aarch64|--platform|TARGETARCH|linux-gnu")
COMPILES = re.compile(r"-dev$|^(gcc|g\+\+|clang|binutils|make|cmake|ninja-build"
                      r"|build-essential|git|pkgconf|llvm)(-[\d.]+)?$")


def instructions(text):
    """Each with the line it begins on; what is continued is one line."""
    found, parts, begun = [], [], 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not parts and not line.strip()):
            continue
        begun = begun if parts else number
        more = line.rstrip().endswith("\\")
        parts.append(line.rstrip().removesuffix("\\").strip())
        if not more:
            word, _, value = " ".join(parts).partition(" ")
            found.append(Instruction(begun, word, value.strip()))
            parts = []
    return found


def stages(text):
    """What stands before the first FROM is not held."""
    found = []
    for one in instructions(text):
        if one.word.upper() == "FROM":
            words = [word for word in one.value.split()
                     if not word.startswith("--")]
            name = words[2] if words[1:2] in (["AS"], ["as"]) else ""
            found.append(Stage(words[0], name, []))
        if found:
            found[-1].instructions.append(one)
    return found


def listed(value):
    """The words of the JSON form; None of the shell's."""
    try:
        words = json.loads(value)
    except ValueError:
        return None
    return words if isinstance(words, list) else None


def of(stage, word):
    return [one for one in stage.instructions if one.word == word]


def installed(value):
    """The packages that a RUN names to apt-get install."""
    for command in re.split(r"&&|;|\|", value):
        words = command.split()
        if "apt-get" in words and "install" in words:
            yield from (word for word in words[words.index("install") + 1:]
                        if not word.startswith("-"))


def rule_words(stage):
    for one in stage.instructions:
        if not one.word.isupper():
            yield one.line, f"{one.word} is not in capitals"
        if one.word == "MAINTAINER":
            yield one.line, "DL4000: MAINTAINER is a label now"
        if one.word == "ADD":
            yield one.line, "DL3020: COPY does it, and fetches nothing"
    for word, number in ONCE.items():
        for one in of(stage, word)[:-1]:
            yield one.line, f"{number}: a later {word} takes its place"
    for word, number in PROGRAMS.items():
        for one in of(stage, word):
            if listed(one.value) is None:
                yield one.line, f"{number}: {word} is no JSON list"


def rule_base(stage, known):
    line = stage.instructions[0].line
    name, _, tag = stage.base.partition(":")
    if name not in known and (not tag or tag == "latest"):
        yield line, f"DL3006, DL3007: of which version is {name}?"
    if stage.name and stage.name in known:
        yield line, f"DL3024: there is another stage {stage.name}"


def rule_copies(stage, known):
    for one in of(stage, "COPY"):
        words = one.value.split()
        origin = [word.removeprefix("--from=") for word in words
                  if word.startswith("--from=")]
        if origin and origin[0] not in known:
            yield one.line, f"DL3022: there is no stage {origin[0]} before"
        if not words[-1].startswith("/") and not of(stage, "WORKDIR"):
            yield one.line, "DL3045: to a relative path without a WORKDIR"
    for one in of(stage, "WORKDIR"):
        if not one.value.startswith(("/", "$")):
            yield one.line, "DL3000: WORKDIR is no absolute path"


def rule_runs(stage):
    for one in of(stage, "RUN"):
        words = one.value.split()
        if "sudo" in words:
            yield one.line, "DL3004: it is root"
        if "cd" in words:
            yield one.line, "DL3003: WORKDIR does it"
        if "apt" in words:
            yield one.line, "DL3027: apt is for people, apt-get for programs"
        if "apt-get" in words and "install" in words:
            yield from installs(one, words)
        if re.search(r"[^|]\|[^|]", one.value) and "pipefail" not in words:
            yield one.line, "DL4006: what fails before the pipe is not seen"


def installs(one, words):
    if "-y" not in words:
        yield one.line, "DL3014: without -y apt-get asks"
    if "--no-install-recommends" not in words:
        yield one.line, "DL3015: --no-install-recommends is not there"
    if "update" not in words:
        yield one.line, "without apt-get update in the same RUN"
    if "/var/lib/apt/lists/*" not in words:
        yield one.line, "DL3009: /var/lib/apt/lists/* stays in the image"


def rule_shell(stage):
    """What shellcheck says of each RUN, as /bin/sh reads it."""
    for one in of(stage, "RUN"):
        if listed(one.value) is not None:
            continue
        said = subprocess.run(
            ["shellcheck", "-s", "sh", "-f", "gcc", "-"], text=True,
            input=one.value + "\n", stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        for line in said.stdout.splitlines():
            yield one.line, line.split(": ", 1)[-1]
        if said.returncode > 1:
            yield one.line, f"shellcheck: {said.returncode}"


def rule_machine(stage):
    for one in stage.instructions:
        if (found := MACHINE.search(one.value)):
            yield one.line, f"DL3029: {found[0]} is of one kind of machine"


def rule_secrets(stage):
    for one in of(stage, "ENV") + of(stage, "ARG"):
        for name in re.findall(r"(\w+)(?:=|$)", one.value):
            if SECRET.search(name.upper()):
                yield one.line, f"{name}: anybody reads it out of the image"


def rule_image(stage, version):
    """Of the last stage: what is run."""
    line = stage.instructions[0].line
    users = of(stage, "USER")
    if not users or not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1].value):
        yield line, "DL3002: the last USER is no number, or root's"
    if not of(stage, "HEALTHCHECK"):
        yield line, "DL3057: there is no HEALTHCHECK"
    entry = of(stage, "ENTRYPOINT")
    if not entry or (listed(entry[-1].value) or [""])[0] != "tini":
        yield line, "ENTRYPOINT has no init: tini"
    if not of(stage, "STOPSIGNAL"):
        yield line, "there is no STOPSIGNAL"
    labels = " ".join(one.value for one in of(stage, "LABEL"))
    for name in sorted(LABELS):
        if not re.search(rf'(^| )org\.opencontainers\.image\.{name}="', labels):
            yield line, f"there is no label org.opencontainers.image.{name}"
    if f'base.name="{stage.base}"' not in labels:
        yield line, f"the label base.name is not {stage.base}"
    if f"VERSION={version}" not in [one.value for one in of(stage, "ARG")]:
        yield line, f"ARG VERSION is not CMakeLists.txt's {version}"
    for one in of(stage, "COPY"):
        if one.value.split()[-2:-1] == ["."]:
            yield one.line, "all that is here gets into the image"
    for one in of(stage, "RUN"):
        for package in installed(one.value):
            if COMPILES.search(package):
                yield one.line, f"{package} is for building"


def faults(text, version=None):
    """(line, what is wrong); with a version it is of an image to give away."""
    found, known = [], set()
    all_stages = stages(text)
    if not all_stages:
        return [(1, "there is no FROM")]
    for stage in all_stages:
        found += rule_base(stage, known)
        found += rule_copies(stage, known)
        for rule in (rule_words, rule_runs, rule_shell, rule_machine,
                     rule_secrets):
            found += rule(stage)
        known.add(stage.name)
    if version is not None:
        found += rule_image(all_stages[-1], version)
    return sorted(found)
