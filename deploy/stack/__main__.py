# SPDX-License-Identifier: MIT
"""python3 -m stack start|status|stop: the demo."""

import sys

from . import demo

if len(sys.argv) != 2 or sys.argv[1] not in ("start", "status", "stop"):
    sys.exit(__doc__)
sys.exit(demo.main(sys.argv[1]))
