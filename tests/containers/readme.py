# SPDX-License-Identifier: MIT
"""The commands that README.md's part about containers tells."""

import pathlib
import re

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
# What would end what is looked at, or is not of this machine's.
LEFT_OUT = ("docker compose down", "docker compose up", "ss ")


def part():
    text = README.read_text()
    begun = text.index("### In containers")
    return text[begun:text.index("\n## ", begun)]


def commands(compose, job):
    """Each as it stands there, with this command of compose and this id."""
    text = part()
    found = []
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        found += block.replace("\\\n", "").splitlines()
    found += re.findall(r"`((?:docker compose|curl|ss) [^`]*)`", text)
    for command in found:
        command = re.sub(r"\s+# .*", "", command)
        if not command.startswith(LEFT_OUT):
            yield (command.replace("docker compose", compose)
                   .replace(f"{compose} exec", f"{compose} exec -T")
                   .replace("why ID", f"why {job}"))
