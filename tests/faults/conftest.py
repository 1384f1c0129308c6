# SPDX-License-Identifier: MIT
"""Where the modules of the harness and of the stories are found."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "stories"),
                str(HERE.parents[1] / "deploy")]
