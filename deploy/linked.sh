#!/bin/bash
# SPDX-License-Identifier: MIT
#
# linked.sh PROGRAM...: the Debian packages of the libraries that these are
# linked with, so that an image has those and no list of them grows stale.
set -euo pipefail

ldd "$@" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | sort -u |
	xargs realpath | xargs dpkg-query --search | cut -d: -f1 | sort -u
