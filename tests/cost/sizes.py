# SPDX-License-Identifier: MIT
"""
What a mail costs by its size, from 1 KB to 10 MB: instructions and bytes of
heap of the programs cost_<name>. They must grow as its bytes do: limits.txt has
what a byte costs, between the two largest; from a tenth of that size on a byte
must cost the same.
"""

import os
import pathlib
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

from programs import heap_bytes, instructions

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
RUNS = (("request", "plain"), ("request", "file"),
        ("codec", "plain"), ("codec", "file"),
        ("mime", "plain"), ("mime", "quoted"), ("mime", "base64"),
        ("mime", "file"), ("dkim", "plain"), ("dkim", "file"))
WHATS = (instructions, heap_bytes)
MORE = 1.1  # times what a byte of a smaller mail costs
# What so few a byte cost is next to nothing, and may be any times it.
FEW = {"instructions": 0.1, "heap_bytes": 0.01}


def count(built):
    """({figure: number}, {figure: how to look at it})."""
    with tempfile.TemporaryDirectory() as folder:
        key = pathlib.Path(folder, "shop.example.s1.pem")
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True,
                       capture_output=True)
        key.chmod(0o600)
        os.environ["COST_DKIM_KEYS"] = folder
        seen = count_all(built)
    show(seen)
    bytes_, bent = {}, []
    for (what, name, kind), costs in seen.items():
        small, large = (slope(costs, SIZES[i]) for i in (2, 3))
        bytes_[f"{name}.{kind}.{what}_a_byte"] = max(large, FEW[what])
        if large > small * MORE and large > FEW[what]:
            bent.append(f"{name} {kind}: a byte of 1 to 10 MB costs {large:.2f} "
                        f"{what}, one of 100 KB to 1 MB {small:.2f}")
    assert not bent, bent
    return bytes_, {figure: f"valgrind --tool=callgrind {built}/cost_"
                    f"{figure.split('.')[0]} 1 {figure.split('.')[1]} 10000000"
                    for figure in bytes_}


def count_all(built):
    """{(what, name, kind): {size: of a mail}}"""
    runs = [(what, name, kind, size) for size in reversed(SIZES)
            for what in WHATS for name, kind in RUNS]
    with ThreadPoolExecutor(2) as pool:
        costs = list(pool.map(lambda run: of_a_mail(built, *run), runs))
    seen = {}
    for (*which, size), cost in zip(runs, costs):
        which[0] = which[0].__name__
        seen.setdefault(tuple(which), {})[size] = cost
    return seen


def of_a_mail(built, what, name, kind, size):
    """As programs.per_mail(): the difference of two runs."""
    mails = max(1, 20_000 // size)
    few, more = (what(built, name, f"{kind} {size}", n)
                 for n in (mails, 2 * mails))
    return (more - few) / mails


def slope(costs, size):
    return (costs[10 * size] - costs[size]) / (9 * size)


def show(seen):
    """The tables of docs/performance.md."""
    for what in WHATS:
        print(f"\n| {what.__name__} | 1 KB | 10 KB | 100 KB | 1 MB | 10 MB |\n"
              f"|---|{5 * '---:|'}")
        for name, kind in RUNS:
            costs = seen[what.__name__, name, kind]
            print(f"| {name}, {kind} | " + " | ".join(
                short(costs[size]) for size in SIZES) + " |")


def short(number):
    """Three digits that count."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if number >= 0.9995 * size:
            return f"{number / size:.3g} {unit}" if number < 999.5 * size \
                else f"{number / size:,.0f} {unit}".replace(",", " ")
    return f"{number:.0f}"
