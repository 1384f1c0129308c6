# SPDX-License-Identifier: MIT
"""
Answers held against golden/NAME.json. A string there in <> stands for a kind of
value; a kind with a name behind a colon (<id:a>) is the same value each time.
"""

import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).with_name("golden")
KINDS = {
    # The time and its zone, in the very form that older clients parse.
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "id": r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}"
          r"-[0-9a-f]{12}",
    "text": r"[^\x00-\x1f]*",
}


def assert_golden(name, value):
    wanted = json.loads((FOLDER / f"{name}.json").read_text())
    faults = []
    compare(wanted, value, name, {}, faults)
    assert not faults, "\n".join(
        faults + [json.dumps(value, indent=1, ensure_ascii=False)])


def compare(wanted, value, path, seen, faults):
    if isinstance(wanted, dict) and isinstance(value, dict):
        for key in wanted.keys() | value.keys():
            if key not in value:
                faults.append(f"{path}.{key} is missing")
            elif key not in wanted:
                faults.append(f"{path}.{key} is not in the golden file")
            else:
                compare(wanted[key], value[key], f"{path}.{key}", seen, faults)
    elif isinstance(wanted, list) and isinstance(value, list):
        if len(wanted) != len(value):
            faults.append(f"{path} has {len(value)} items, not {len(wanted)}")
        for index, (one, other) in enumerate(zip(wanted, value)):
            compare(one, other, f"{path}[{index}]", seen, faults)
    elif not fits(wanted, value, seen):
        faults.append(f"{path} is {value!r}, not {wanted!r}")


def fits(wanted, value, seen):
    kind = re.fullmatch(r"<(\w+)(:\w+)?>", wanted) if isinstance(
        wanted, str) else None
    if not kind:
        return type(wanted) is type(value) and wanted == value
    if kind[1] == "number":
        good = type(value) is int
    else:
        good = isinstance(value, str) and re.fullmatch(KINDS[kind[1]], value)
    return good and (not kind[2] or seen.setdefault(wanted, value) == value)
