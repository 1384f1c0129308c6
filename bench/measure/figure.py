# SPDX-License-Identifier: MIT
"""
What a part measures and how it is shown. Pure: rounds in, figures out.

A part is a module of parts/ with
    FIGURE            what is below
    cases(options)    what a round measures, one after the other
    measure(case, bench)  the rows of one case
A row is a dict: `name` (a contestant or a curve), `at` (where on the axis, or
None), the metric, and what else the figure names.
"""

import bisect
import collections
import dataclasses
import statistics
import typing

OURS = "postrider"
PEERS = ("amqplib", "bullmq")
LIMITS = ("lighttpd", "rabbitmq-c", "smtp-source")  # they do less
CONTESTANTS = (OURS, *PEERS, *LIMITS)

# Upper edges of a histogram's buckets, ten a decade; as text, for JSON.
EDGES = [f"{10 ** (at / 10):.3g}" for at in range(-10, 61)]


class Case(typing.NamedTuple):
    name: str
    at: float | None = None


@dataclasses.dataclass(frozen=True)
class Figure:
    title: str
    metric: str
    unit: str
    axis: str = ""  # what `at` is
    more: dict = dataclasses.field(default_factory=dict)  # key: heading
    detail: tuple = ("", "")  # key of a dict by process, heading
    chart: str = "bars"  # lines, histogram
    log: bool = False  # the chart's upright axis
    less_is_better: bool = False
    rounds: int = 5
    note: str = ""


def percentile(values, share):
    """The nearest rank: a value that was seen."""
    ordered = sorted(values)
    rank = -(-len(ordered) * share // 100)  # rounded up
    return ordered[max(0, int(rank) - 1)]


def histogram(values):
    """{upper edge: how many}, of those that have any."""
    edges = [float(edge) for edge in EDGES]
    found = collections.Counter(
        EDGES[min(bisect.bisect_left(edges, value), len(edges) - 1)]
        for value in values)
    return {edge: found[edge] for edge in EDGES if edge in found}


def median_of(rows, key):
    seen = [row[key] for row in rows if row.get(key) is not None]
    return statistics.median(seen) if seen else None


def medians(rows, key):
    """Of a dict in each row, name by name."""
    names = dict.fromkeys(name for row in rows for name in row.get(key, {}))
    return {name: median_of([row.get(key, {}) for row in rows], name)
            for name in names}


def ratio(ours, its, metric):
    """Ours to its, round by round: what disturbs one disturbs the other."""
    pairs = {row["round"]: row[metric] for row in ours}
    ratios = [pairs[row["round"]] / row[metric] for row in its
              if row["round"] in pairs]
    return statistics.median(ratios) if ratios else None


def summaries(figure, rounds):
    """By place on the axis; names in the order in which they come."""
    groups = {}
    for row in rounds:
        groups.setdefault((row["name"], row.get("at")), []).append(row)
    found = []
    for (name, at), rows in sorted(groups.items(),
                                   key=lambda it: it[0][1] or 0):
        values = [row[figure.metric] for row in rows]
        ours = groups.get((OURS, at), []) if name != OURS else []
        found.append({
            "name": name, "at": at, "median": statistics.median(values),
            "least": min(values), "most": max(values),
            "ours_to_it": ratio(ours, rows, figure.metric),
            "more": {key: median_of(rows, key) for key in figure.more},
            "detail": medians(rows, figure.detail[0]),
        })
    return found


def faster(figure, found):
    """The peers that beat us, as sentences."""
    for it in found:
        ours = it["ours_to_it"]
        if ours is None or it["name"] not in PEERS:
            continue
        if ours > 1 if figure.less_is_better else ours < 1:
            where = f" at {number(it['at'])} {figure.axis}" if it["at"] else ""
            yield (f"{it['name']} is better here{where}: ours has "
                   f"{ours:.2f} times its {figure.unit}.")


def number(value):
    """At least three digits that count, thousands apart."""
    if value is None:
        return ""
    if abs(value) >= 999.5:
        return f"{value:,.0f}".replace(",", " ")
    if value == int(value):
        return f"{value:.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figure, found):
    """The heading, and a row of text for each summary."""
    points = any(it["at"] is not None for it in found)
    compared = any(it["ours_to_it"] is not None for it in found)
    head = ["", *([figure.axis] if points else []), figure.unit, "least",
            "most", *(["ours/it"] if compared else []), *figure.more.values()]
    if figure.detail[1]:
        head.append(figure.detail[1])
    lines = []
    for it in found:
        line = [it["name"], *([number(it["at"])] if points else []),
                number(it["median"]), number(it["least"]), number(it["most"])]
        if compared:
            line.append(f"{it['ours_to_it']:.2f}" if it["ours_to_it"] else "")
        line += [number(it["more"][key]) for key in figure.more]
        if figure.detail[1]:
            line.append(", ".join(f"{name} {number(value)}"
                                  for name, value in it["detail"].items()
                                  if value))
        lines.append(line)
    return head, lines


def as_text(head, lines):
    """Words to the left, numbers to the right; the last column as it comes."""
    widths = [max(map(len, column)) for column in zip(head, *lines)]
    for line in (head, *lines):
        cells = [cell.ljust(width) if at in (0, len(head) - 1)
                 else cell.rjust(width)
                 for at, (cell, width) in enumerate(zip(line, widths))]
        yield "  ".join(cells).rstrip()


def as_markdown(head, lines):
    aligned = ["---", *["---:"] * (len(head) - 1)]
    for line in (head, aligned, *lines):
        yield "| " + " | ".join(line) + " |"
