# SPDX-License-Identifier: MIT
"""The cheapest benchmark runs to its end, with what it promises in its files."""

import json
import os
import subprocess
import xml.etree.ElementTree

from rig import BUILD, ROOT


def test_from_http_to_the_relay_at_a_given_rate(tmp_path):
    said = subprocess.run(
        ["/usr/bin/python3", "-B", "-m", "measure", "delivery", "--rounds", "1",
         "--seconds", "1", "--only", "postrider", "--results", tmp_path],
        env=os.environ | {"PYTHONPATH": f"{ROOT}/deploy:{ROOT}/bench",
                          "POSTRIDER_BUILD": str(BUILD)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=110)
    assert said.returncode == 0, said.stdout
    assert "An fsync took" in said.stdout

    result = json.loads((tmp_path / "delivery.json").read_text())
    assert result["command"].startswith("bench/run.sh delivery --rounds 1")
    assert {"cpu", "cores", "kernel"} <= result["machine"].keys()
    assert result["versions"]["redis-server"]
    [row] = result["rounds"]
    assert 0 < row["p50_ms"] <= row["p99_ms"] <= row["p999_ms"]
    assert sum(row["histogram"].values()) == 1000
    xml.etree.ElementTree.parse(tmp_path / "delivery.svg")
