#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
lint.py ROOT: the rules of dockerfile.py, held to ROOT/Dockerfile.*, and what
they must have in common.
"""

import pathlib
import re
import sys

import dockerfile

BUILT = "deploy/build.sh"
STAND_INS = "tests/containers/standins/Dockerfile"


def until_built(text):
    """What both must say alike, so that a build's layers are made once."""
    words = []
    for one in dockerfile.instructions(text):
        words.append((one.word, one.value))
        if BUILT in one.value:
            return words
    return []


def ignored(text):
    """.dockerignore lets in what it names, and nothing else."""
    lines = [line for line in text.splitlines()
             if line and not line.startswith("#")]
    if lines[:1] != ["*"]:
        yield "its first rule is not *: what is not named gets in"
    for line in lines[1:]:
        if not line.startswith("!"):
            yield f"{line}: left out already"
        elif re.search(r"\.env|\.git|\.pem|\.key|build$|var$", line):
            yield f"{line}: nothing is built of it"


def main(root):
    root = pathlib.Path(root)
    version = re.search(r"^project\(postrider VERSION ([\d.]+)",
                        (root / "CMakeLists.txt").read_text(), re.M)[1]
    texts = {path.name: path.read_text()
             for path in sorted(root.glob("Dockerfile.*"))}
    found = [f"{name}:{line}: {what}" for name, text in texts.items()
             for line, what in dockerfile.faults(text, version)]
    found += [f"{STAND_INS}:{line}: {what}" for line, what in
              dockerfile.faults((root / STAND_INS).read_text())]
    found += [f".dockerignore: {what}" for what in ignored(
        (root / ".dockerignore").read_text())]
    if set(texts) != {"Dockerfile.api", "Dockerfile.worker"}:
        found.append(f"these are not all, or more: {set(texts)}")
    builds = [until_built(text) for text in texts.values()]
    if not builds[0] or builds.count(builds[0]) != len(builds):
        found.append(f"they are not alike up to RUN {BUILT}")
    print("\n".join(found) or f"{len(texts)} Dockerfiles are well")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
