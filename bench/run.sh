#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Measures Postrider beside other ways to do the same work, in turn, on one
# machine; `bench/run.sh --help` tells how, bench/README.md what it means.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "$0")")")
cd "$root"
made=build/bench

case " $* " in *" --help "* | *" -h "*)
	exec env PYTHONPATH=deploy:bench /usr/bin/python3 -B -m measure --help ;;
esac

# Node.js may be of another source than Debian: only what is missing.
need() {
	command -v "$1" >/dev/null
}
if ! need node || ! need npm || ! need wrk; then
	deploy/apt.sh bench
fi
deploy/apt.sh build run load
deploy/build.sh release postrider-api postrider-worker

mkdir -p "$made"
cc -O2 -Wall -o "$made/empty_responder" bench/limits/empty_responder.c -lfcgi

if [ ! -x "$made/postfix/usr/sbin/smtp-sink" ]; then
	(cd "$made" && rm -f postfix_*.deb && apt-get -q download postfix)
	dpkg -x "$made"/postfix_*.deb "$made/postfix"
fi
if ! cmp -s bench/peers/package-lock.json "$made/package-lock.json"; then
	(cd bench/peers && npm ci --ignore-scripts --no-audit --no-fund)
	cp bench/peers/package-lock.json "$made/"
fi

exec env PYTHONPATH=deploy:bench /usr/bin/python3 -B -m measure "$@"
