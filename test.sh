#!/bin/bash
# SPDX-License-Identifier: MIT
#
# All tests, on a Debian 12 or 13 that has nothing but its base system.
set -euo pipefail

usage() {
	cat <<'EOF'
./test.sh [CTEST'S OPTIONS]  install what is missing, build the dev preset, run
                             all tests: unit, style, stories; for one of them:
                             ./test.sh -R story.accept
./test.sh fuzz [SECONDS [TARGET...]]
                             lets libFuzzer run each target so long (30)
./test.sh faults [ROUNDS] [--report] [OPTIONS]
                             does each fault so many times (2) to a stack under
                             load; --help lists them
./test.sh install [SUITE...] bookworm, trixie: builds the packages and runs them
                             in a Debian that is booted; containers: builds the
                             images and runs compose.yaml; as root
./test.sh soak               a slower suite; it is not there yet
EOF
}

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

case "${1:-}" in
-h | --help | help) usage; exit 0 ;;
fuzz)
	shift
	"$here/deploy/apt.sh" build fuzz
	"$here/deploy/build.sh" fuzz
	exec /usr/bin/python3 -B "$here/tests/fuzz/run.py" "$here/build/fuzz" \
		"$@" ;;
faults)
	shift
	"$here/deploy/apt.sh" build run test
	"$here/deploy/build.sh" dev
	exec /usr/bin/python3 -B "$here/tests/faults/run.py" "$@" ;;
install)
	shift
	"$here/deploy/apt.sh" install
	exec /usr/bin/python3 -B "$here/tests/install/run.py" "$@" ;;
soak)
	echo "./test.sh $1: this suite is not there yet." >&2
	exit 2 ;;
[!-]*) usage >&2; exit 2 ;;
esac

"$here/deploy/apt.sh" build run test
SECONDS=0
"$here/deploy/build.sh" dev

results=$here/build/dev/results
rm -rf "$results"
mkdir -p "$results"
failed=0
ctest --test-dir "$here/build/dev" -j2 --output-on-failure --no-tests=error \
	--output-junit "$results/junit.xml" --output-log "$results/ctest.log" \
	"$@" || failed=1
/usr/bin/python3 -B "$here/tests/summary.py" "$results" "$SECONDS" || failed=1
exit "$failed"
