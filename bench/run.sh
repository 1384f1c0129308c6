#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Measures Postrider beside other ways to do the same work, in turn, on one
# machine; `bench/run.sh --help` tells how, bench/README.md what it means.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "$0")")")
cd "$root"
made=build/bench

measure() {
	exec env PYTHONPATH=deploy:bench /usr/bin/python3 -B -m measure "$@"
}

case " $* " in
*" --help "* | *" -h "*)
	measure "$@" ;;
*" publish "*)
	deploy/apt.sh load
	measure "$@" ;;
esac

# The peers need Node.js, of whatever source: Debian's is installed only if
# there is none. Ours alone needs none.
case " $* " in *" --only postrider "* | *" --only=postrider "*) ;; *)
	if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
		deploy/apt.sh peers
	fi
	if [ "$(node -p 'parseInt(process.versions.node)')" -lt 20 ]; then
		cat >&2 <<-END
		The peers need Node.js 20 or newer, and this is $(node --version).
		Debian 12 has no newer one: unpack one of https://nodejs.org/dist
		and put its bin/ first in PATH. Or measure ours alone:
		    bench/run.sh ${1:-all} --only postrider
		END
		exit 1
	fi
	if ! cmp -s bench/peers/package-lock.json "$made/package-lock.json" ||
		[ ! -d bench/peers/node_modules ]; then
		(cd bench/peers && npm ci --ignore-scripts --no-audit --no-fund)
		mkdir -p "$made"
		cp bench/peers/package-lock.json "$made/"
	fi ;;
esac
deploy/apt.sh build run load
deploy/build.sh release bench

# Only smtp-sink and smtp-source of it are wanted, no mail server that runs.
if [ ! -x "$made/postfix/usr/sbin/smtp-sink" ]; then
	mkdir -p "$made"
	(cd "$made" && rm -f postfix_*.deb && apt-get -q download postfix)
	dpkg -x "$made"/postfix_*.deb "$made/postfix"
fi

measure "$@"
