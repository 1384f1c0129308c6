#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The cluster of RabbitMQ nodes: what it needs is installed and built before.
here=$(dirname "$(readlink -f "$0")")
root=$here/../..
"$root/deploy/apt.sh" build run test && "$root/deploy/build.sh" dev &&
	exec /usr/bin/python3 -B "$here/run.py" "$@"
