#!/bin/bash
# SPDX-License-Identifier: MIT
#
# build.sh PRESET [TARGET...]: configures and builds a preset, or some targets
# of it, in build/PRESET. CMake's words are shown only when it fails, the
# compiler's as they come.
set -euo pipefail

preset=$1
shift
cd "$(dirname "$(readlink -f "$0")")/.."
log=build/$preset.configure.log

echo "Building in $PWD/build/$preset:"
mkdir -p build
if ! cmake --preset "$preset" >"$log" 2>&1; then
	cat "$log" >&2
	exit 1
fi
cmake --build --preset "$preset" ${1:+--target "$@"}
