# SPDX-License-Identifier: MIT
"""What a program says at /metrics, as Prometheus would read it."""

import re
import subprocess

SAMPLE = re.compile(r'([a-z_]+(?:\{[^}]*\})?) (-?[0-9.]+)')


def scrape(text):
    """Each sample by its name and labels; promtool has nothing to say."""
    lint = subprocess.run(["promtool", "check", "metrics"], input=text,
                          capture_output=True, timeout=30, check=False)
    assert (lint.returncode, lint.stdout + lint.stderr) == (0, b""), lint
    samples = {}
    for line in text.decode().splitlines():
        if not line.startswith("#"):
            name, value = SAMPLE.fullmatch(line).groups()
            assert name.startswith("postrider_") and name not in samples, line
            samples[name.removeprefix("postrider_")] = float(value)
    return samples


def metrics(client):
    answer = client.get("/metrics")
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == (
        "text/plain; version=0.0.4; charset=utf-8")
    return scrape(answer.body)
