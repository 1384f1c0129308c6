#!/bin/bash
# SPDX-License-Identifier: MIT
#
# deb.sh [FOLDER]: makes the Debian packages of this Debian in FOLDER
# (build/deb), and has lintian look at them where it is installed.
set -euo pipefail

cd "$(dirname "$(readlink -f "$0")")/.."
folder=$(readlink -m "${1:-build/deb}")

./deploy/build.sh package
rm -rf "$folder"
(
	umask 022 # the modes in the packages
	cpack --config build/package/CPackConfig.cmake -B "$folder"
)
rm -rf "$folder/_CPack_Packages"
if command -v lintian >/dev/null; then
	lintian --fail-on error --allow-root "$folder"/*.deb
fi
