#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What clients of postrider-events cost, and how soon they are told; straight,
# without a web server.   bench/events/run.sh [--idle N] [--subscribers N]
# [--rate N] [--seconds S]
set -euo pipefail

root=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
cd "$root"
deploy/apt.sh build run load
deploy/build.sh release postrider-events
exec env PYTHONPATH=deploy /usr/bin/python3 -B bench/events/measure.py "$@"
