# SPDX-License-Identifier: MIT
"""
Writes measured figures into the docs, so that none is typed by hand:
bench/results/ goes to docs/performance/, and the blocks between the markers
`<!-- bench begin -->` and `<!-- bench end -->` of docs/performance.md and
README.md are made anew.
"""

import importlib
import json
import shutil

from stack.trouble import Trouble

from . import figure
from .place import ROOT

PAGE = ROOT / "docs" / "performance.md"
README = ROOT / "README.md"
KEPT = ROOT / "docs" / "performance"
BEGIN, END = "<!-- bench begin -->", "<!-- bench end -->"
PEERS = {"postrider": "Postrider", "amqplib": "Node.js, amqplib",
         "bullmq": "Node.js, BullMQ"}
# README's rows: what, the part, where on its axis.
SHORT = (("accepted, mails/s", "api", None),
         ("sent, mails/s", "worker", None),
         ("accepted and sent, mails/s", "end-to-end", None),
         ("99 % accepted within, at 1 000 mails/s, ms", "latency", 1000))


def put_block(text, block):
    """`text` with all between its markers replaced."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after:
        raise Trouble(f"{BEGIN} and {END} must be there once")
    return f"{before}{BEGIN}\n{block.strip()}\n{END}{after}"


def figure_of(part):
    return importlib.import_module(
        f".parts.{part.replace('-', '_')}", __package__).FIGURE


def section(result):
    """One part: its table, who is faster, its chart, how it came to be."""
    shown, found = figure_of(result["part"]), result["summary"]
    dirty = ", with changes that are in no commit" if result["dirty"] else ""
    yield f"### {shown.title}\n"
    yield from figure.as_markdown(*figure.table(shown, found))
    yield ""
    for sentence in figure.faster(shown, found):
        yield f"**{sentence}**\n"
    if shown.note:
        yield shown.note + "\n"
    yield f"![{shown.title}](performance/{result['part']}.svg)\n"
    yield (f"`{result['command']}`, commit {result['commit']}{dirty}, "
           f"{result['date'][:10]}; "
           f"[every round](performance/{result['part']}.json).\n")


def place(result):
    machine, versions = result["machine"], result["versions"]
    services = ", ".join(f"{name} {version}"
                         for name, version in versions.items() if version)
    return (f"Measured on {machine['cores']} x {machine['cpu']}, "
            f"{machine['memory_mb'] / 1024:.0f} GiB, {machine['distribution']} "
            f"with Linux {machine['kernel']}; {services}.")


def page_block(results):
    lines = [place(next(iter(results.values()))), ""]
    for result in results.values():
        lines += section(result)
    return "\n".join(lines)


def short_block(results):
    yield "| | " + " | ".join(PEERS.values()) + " |"
    yield "|---" * (len(PEERS) + 1) + "|"
    for what, part, at in SHORT:
        if part not in results:
            continue
        medians = {it["name"]: it["median"] for it in results[part]["summary"]
                   if it["at"] == at}
        yield f"| {what} | " + " | ".join(
            figure.number(medians.get(name)) for name in PEERS) + " |"


def read(parts, folder):
    found = {}
    for part in parts:
        path = folder / f"{part}.json"
        if path.exists():
            found[part] = json.loads(path.read_text())
    return found


def judge(results):
    """Why these are no reference, or nothing."""
    if not results:
        yield "there are no results"
    for part, result in results.items():
        if result["dirty"]:
            yield f"{part} was measured with changes that are in no commit"
    for what in ("commit", "machine", "versions"):
        seen = {json.dumps(result[what]) for result in results.values()}
        if len(seen) > 1:
            yield f"not all have one {what}: {', '.join(sorted(seen))}"


def write(parts, folder, draft):
    results = read(parts, folder)
    faults = list(judge(results))
    if faults and not (draft and results):
        raise Trouble("Not published: " + "; ".join(faults)
                      + ". --draft does it all the same.")
    KEPT.mkdir(exist_ok=True)
    for part in results:
        for kind in ("json", "svg"):
            shutil.copy(folder / f"{part}.{kind}", KEPT)
    PAGE.write_text(put_block(PAGE.read_text(), page_block(results)))
    README.write_text(put_block(README.read_text(),
                                "\n".join(short_block(results))))
    print(f"Written: {len(results)} figures in {PAGE.relative_to(ROOT)}, "
          f"{README.relative_to(ROOT)}, {KEPT.relative_to(ROOT)}.")
