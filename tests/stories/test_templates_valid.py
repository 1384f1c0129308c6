# SPDX-License-Identifier: MIT
# ctest: LABELS unit FIXTURES_REQUIRED none TIMEOUT 900
"""AWS's own validator, of npm, has nothing to say of deploy/ecs: of each
template as it is, and as each combination of switches makes it."""

import json

import cloudformation
import published
from test_templates import COMBINATIONS, said

PROGRAM = "validate_templates.js"


def test_as_they_are():
    assert published.run(PROGRAM, given={
        name: (cloudformation.FOLDER / f"{name}.yaml").read_text()
        for name in cloudformation.names()}) == []


def test_each_combination():
    """Many come out the same: each is judged once."""
    texts = {}
    for combination in COMBINATIONS:
        for name, stack in cloudformation.of(**combination).items():
            text = json.dumps(stack.decided(), indent=1)
            texts.setdefault(text, f"{name} ({said(combination)})")
    assert len(texts) > 20
    given = [(name, text) for text, name in texts.items()]
    for at in range(0, len(given), 10):
        assert published.run(PROGRAM, given=dict(given[at:at + 10])) == []


def test_it_would_say_so():
    text = (cloudformation.FOLDER / "network.yaml").read_text()
    broken = text.replace("CidrBlock: 10.16.0.0/16", "Cidr: 10.16.0.0/16")
    assert published.run(PROGRAM, given={"network": broken}) != []
