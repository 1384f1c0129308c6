# SPDX-License-Identifier: MIT
"""
replay.py PROGRAM FILE-OR-FOLDER...: gives a fuzz target inputs that are there
already, then asks the target's oracle in Python, where there is one, about what
the target made of them: oracle_<noun>.py with found_wrong(folder of dumps).
"""

import importlib
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def found_wrong(program, paths):
    """Texts, one for each thing that is wrong; none is good."""
    noun = pathlib.Path(program).name.removeprefix("fuzz_")
    with tempfile.TemporaryDirectory() as dumps:
        ran = subprocess.run([program, *paths], capture_output=True,
                             env=dict(os.environ, FUZZ_DUMP=dumps),
                             check=False)
        if ran.returncode != 0:
            return [ran.stderr.decode(errors="replace")]
        if not (HERE / f"oracle_{noun}.py").exists():
            return []
        oracle = importlib.import_module(f"oracle_{noun}")
        return list(oracle.found_wrong(pathlib.Path(dumps)))


if __name__ == "__main__":
    wrong = found_wrong(sys.argv[1], sys.argv[2:])
    for text in wrong:
        print(text)
    sys.exit(1 if wrong else 0)
