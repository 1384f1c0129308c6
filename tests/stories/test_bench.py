# SPDX-License-Identifier: MIT
"""The cheapest benchmark runs to its end, with what it promises in its files."""

import json
import os
import subprocess
import xml.etree.ElementTree

from rig import BUILD, ROOT


def test_latency_at_a_given_rate(tmp_path):
    said = subprocess.run(
        ["/usr/bin/python3", "-B", "-m", "measure", "latency", "--rounds", "1",
         "--seconds", "1", "--only", "postrider", "--results", tmp_path],
        env=os.environ | {"PYTHONPATH": f"{ROOT}/deploy:{ROOT}/bench",
                          "POSTRIDER_BUILD": str(BUILD)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=110)
    assert said.returncode == 0, said.stdout

    accept = json.loads((tmp_path / "latency.json").read_text())
    assert [(row["name"], row["at"]) for row in accept["rounds"]] == [
        ("postrider", 500), ("postrider", 1000)]
    for row in accept["rounds"]:
        assert 0 < row["p50_ms"] <= row["p99_ms"] <= row["p999_ms"]
    assert accept["command"].startswith("bench/run.sh latency --rounds 1")
    assert {"cpu", "cores", "kernel"} <= accept["machine"].keys()
    assert accept["versions"]["redis-server"]

    [row] = json.loads((tmp_path / "delivery.json").read_text())["rounds"]
    assert sum(row["histogram"].values()) == 1000
    for name in ("latency", "delivery"):
        xml.etree.ElementTree.parse(tmp_path / f"{name}.svg")
