# SPDX-License-Identifier: MIT
"""
Charts as SVG text, readable in light and in dark. Pure: summaries in (see
figure.py), text out.
"""

import math
from xml.sax.saxutils import escape

from .figure import EDGES, LIMITS, number

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 720, 100, 24, 56, 46
LINES_HEIGHT = 380
BAR = 26

# Colour 0 is ours; the last one is for limits. No variables: not every viewer
# knows them.
LIGHT = ("#0a6ebd", "#c2410c", "#15803d", "#7e22ce", "#9aa0a6")
DARK = ("#5eb1ff", "#ff9b62", "#5ed28a", "#cf9bff", "#7d848b")


def colours(back, ink, faint, own):
    return "\n".join([
        f".back {{ fill: {back}; }} text {{ fill: {ink}; }}",
        f".grid {{ stroke: {faint}; }} .spread {{ stroke: {ink}; }}",
        *(f".c{at} {{ fill: {it}; }} .l{at} {{ stroke: {it}; }}"
          for at, it in enumerate(own))])


STYLE = f"""\
<style>
text {{ font: 13px system-ui, sans-serif; }}
.title {{ font-size: 15px; font-weight: 600; }}
.spread {{ stroke-width: 2; }}
.line {{ fill: none; stroke-width: 2; }}
{colours("#ffffff", "#222222", "#dddddd", LIGHT)}
@media (prefers-color-scheme: dark) {{
{colours("#15181c", "#e6e6e6", "#3a3f45", DARK)}
}}
</style>"""


def colour(name, names):
    return len(LIGHT) - 1 if name in LIMITS else names.index(name) % (
        len(LIGHT) - 1)


def text(x, y, words, anchor="start", kind=""):
    kind = f' class="{kind}"' if kind else ""
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>'
            f"{escape(words)}</text>")


def rule(x1, y1, x2, y2, kind="grid"):
    return (f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" '
            f'y2="{y2:.1f}"/>')


def box(x, y, width, height, colour_at):
    return (f'<rect class="c{colour_at}" x="{x:.1f}" y="{y:.1f}" '
            f'width="{max(width, 0.5):.1f}" height="{height:.1f}"/>')


def picture(title, height, parts):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{height}" viewBox="0 0 {WIDTH} {height}">', STYLE,
        f'<rect class="back" width="{WIDTH}" height="{height}"/>',
        text(16, 26, title, kind="title"), *parts, "</svg>"]) + "\n"


def steps(most, count=5):
    """Round numbers from 0 to at least `most`."""
    rough = (most or 1) / count
    power = 10 ** math.floor(math.log10(rough))
    step = next(it * power for it in (1, 2, 2.5, 5, 10) if it * power >= rough)
    return [step * at for at in range(math.ceil((most or 1) / step) + 1)]


def bars(title, unit, found):
    """A bar for each, as long as its median, with the spread of its rounds."""
    ticks = steps(max(it["most"] for it in found))
    height = TOP + BAR * len(found) + BOTTOM
    names = list(dict.fromkeys(it["name"] for it in found))
    left, right = LEFT + 50, WIDTH - 70

    def x(value):
        return left + (right - left) * value / ticks[-1]

    parts = []
    for tick in ticks:
        parts += [rule(x(tick), TOP, x(tick), height - BOTTOM),
                  text(x(tick), height - BOTTOM + 18, number(tick), "middle")]
    for at, it in enumerate(found):
        y = TOP + BAR * at + 4
        where = f" {number(it['at'])}" if it["at"] is not None else ""
        parts += [text(left - 8, y + 14, it["name"] + where, "end"),
                  text(x(it["most"]) + 8, y + 14, number(it["median"])),
                  box(left, y, x(it["median"]) - left, BAR - 8,
                      colour(it["name"], names)),
                  rule(x(it["least"]), y + 9, x(it["most"]), y + 9, "spread")]
    parts.append(text(right, height - 10, unit, "end"))
    return picture(title, height, parts)


def log_ticks(least, most):
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    return [10 ** power for power in range(low, max(high, low + 1) + 1)]


def apart(places, least=16):
    """The same, moved down until no two are closer than `least`."""
    moved, free = {}, 0
    for name, place in sorted(places.items(), key=lambda it: it[1]):
        moved[name] = max(place, free)
        free = moved[name] + least
    return moved


def lines(title, labels, found, log=False):
    """A curve for each name; `at` is drawn by its logarithm."""
    axis, unit = labels
    places = sorted({it["at"] for it in found})
    ticks = (log_ticks(min(it["least"] for it in found),
                       max(it["most"] for it in found)) if log
             else steps(max(it["most"] for it in found)))
    scale = math.log10 if log else float
    low, high = scale(ticks[0]), scale(ticks[-1])
    across = math.log(places[-1] / places[0]) or 1
    right, bottom = WIDTH - 90, LINES_HEIGHT - BOTTOM

    def x(at):
        return LEFT + (right - LEFT) * math.log(at / places[0]) / across

    def y(value):
        return bottom - (bottom - TOP) * (scale(value) - low) / (high - low)

    ends = {}
    parts = [rule(x(at), TOP, x(at), bottom) for at in places]
    parts += [text(x(at), bottom + 18, number(at), "middle") for at in places]
    for tick in ticks:
        parts += [rule(LEFT, y(tick), right, y(tick)),
                  text(LEFT - 8, y(tick) + 4, number(tick), "end")]
    for at, name in enumerate(dict.fromkeys(it["name"] for it in found)):
        own = [it for it in found if it["name"] == name]
        points = " ".join(f"{x(it['at']):.1f},{y(it['median']):.1f}"
                          for it in own)
        for it in own:
            parts += [rule(x(it["at"]), y(it["least"]), x(it["at"]),
                           y(it["most"]), "spread"),
                      f'<circle class="c{at}" cx="{x(it["at"]):.1f}" '
                      f'cy="{y(it["median"]):.1f}" r="4"/>']
        parts.append(f'<polyline class="line l{at}" points="{points}"/>')
        ends[name] = y(own[-1]["median"]) + 4
    parts += [text(right + 8, place, name)
              for name, place in apart(ends).items()]
    parts += [text(right, LINES_HEIGHT - 10, axis, "end"),
              text(LEFT - 8, TOP - 8, unit, "end")]
    return picture(title, LINES_HEIGHT, parts)


def histogram(title, unit, buckets):
    """`buckets`: (upper edge, count), edges growing; a bar for each."""
    right, bottom = WIDTH - RIGHT, LINES_HEIGHT - BOTTOM
    ticks = steps(max(count for _, count in buckets))
    width = (right - LEFT) / len(buckets)

    def y(count):
        return bottom - (bottom - TOP) * count / ticks[-1]

    parts = []
    for tick in ticks:
        parts += [rule(LEFT, y(tick), right, y(tick)),
                  text(LEFT - 8, y(tick) + 4, number(tick), "end")]
    every = -(-len(buckets) // 12)
    for at, (edge, count) in enumerate(buckets):
        x = LEFT + width * at
        parts.append(box(x + 1, y(count), width - 2, bottom - y(count), 0))
        if at % every == every - 1:
            parts.append(text(x + width, bottom + 18, number(edge), "middle"))
    parts += [text(right, LINES_HEIGHT - 10, unit, "end"),
              text(LEFT - 8, TOP - 8, "mails", "end")]
    return picture(title, LINES_HEIGHT, parts)


def draw(figure, found, rounds):
    if figure.chart == "lines":
        return lines(figure.title, (figure.axis, figure.unit), found,
                     figure.log)
    if figure.chart == "histogram":
        return histogram(figure.title, figure.axis, buckets_of(rounds))
    return bars(figure.title, figure.unit, found)


def buckets_of(rounds):
    """All rounds' `histogram` together, from the first bucket to the last."""
    counts = [sum(row["histogram"].get(edge, 0) for row in rounds)
              for edge in EDGES]
    seen = [at for at, count in enumerate(counts) if count]
    return [(float(EDGES[at]), counts[at])
            for at in range(seen[0], seen[-1] + 1)]
