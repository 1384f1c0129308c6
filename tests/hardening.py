# SPDX-License-Identifier: MIT
"""
What makes a bug harder to use, as it is in the built programs:
    hardening.py [--fortified] PROGRAM...
"""

import re
import subprocess
import sys

# What a program has that calls these, by the compiler's own choice.
CANARY = "__stack_chk_fail"
CHECKED = re.compile(r"\b__\w+_chk\b")


def readelf(what, program):
    return subprocess.run(["readelf", "-W", what, program], check=True,
                          capture_output=True, text=True).stdout


def faults(program, fortified):
    header, segments = readelf("-h", program), readelf("-l", program)
    dynamic, symbols = readelf("-d", program), readelf("--dyn-syms", program)
    stack = re.search(r"GNU_STACK.* (R\w*) +0x\w+\n", segments)
    if not re.search(r"Type: +DYN", header) or "PIE" not in dynamic:
        yield "is not position-independent (PIE)"
    if "GNU_RELRO" not in segments:
        yield "has no RELRO"
    if not re.search(r"FLAGS.*BIND_NOW|FLAGS_1.*NOW", dynamic):
        yield "binds late: its RELRO is not full (-z now)"
    if not stack or "E" in stack[1]:
        yield "has a stack that can be executed"
    if re.search(r"\((RPATH|RUNPATH)\)", dynamic):
        yield "looks for libraries at places of its own (RPATH)"
    if re.search(r"\(TEXTREL\)", dynamic):
        yield "has text that is written to (TEXTREL)"
    if CANARY not in symbols:
        yield "has no stack protector"
    if fortified and not CHECKED.search(symbols.replace(CANARY, "")):
        yield "is not fortified (_FORTIFY_SOURCE)"


def main(*words):
    fortified = "--fortified" in words
    programs = [word for word in words if not word.startswith("--")]
    found = [f"{program} {fault}" for program in programs
             for fault in faults(program, fortified)]
    print("\n".join(found) or f"{len(programs)} programs are hardened")
    return bool(found) or not programs


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
