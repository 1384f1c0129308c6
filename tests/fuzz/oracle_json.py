# SPDX-License-Identifier: MIT
"""
What Python's json says of the inputs of fuzz.json: what json_scan() took is
JSON of the same meaning as what was written of it; what it refused is none, but
for the rules that are ours.
"""

import json

# Where json_scan.h is stricter than Python on purpose.
OWN_RULES = {"a \\u0000", "a lone surrogate", "an object of over 256 keys",
             "more than 16 levels", "a number over 64 bytes",
             "a number out of range"}


def members(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a key that occurs twice")
    return dict(pairs)


def refuse(word):
    raise ValueError(f"{word} is no JSON")


def read(text):
    """The value, numbers as their text."""
    return json.loads(text.decode("utf-8"), object_pairs_hook=members,
                      parse_constant=refuse, parse_float=lambda text: (text,),
                      parse_int=lambda text: (text,))


def wrong_with(given):
    """None, or what is wrong with a dumped input's other files."""
    written, fault = given.with_suffix(".json"), given.with_suffix(".fault")
    try:
        value = read(given.read_bytes())
    except (ValueError, RecursionError) as error:
        return f"Python refuses it: {error}" if written.exists() else None
    if fault.exists():
        rule = fault.read_text()
        return None if rule in OWN_RULES else f"Python takes it: {rule}"
    if read(written.read_bytes()) != value:
        return "Python reads something else"
    return None


def found_wrong(dumps):
    for given in sorted(dumps.glob("*.input")):
        wrong = wrong_with(given)
        if wrong:
            yield f"{given.read_bytes()!r}: {wrong}"
