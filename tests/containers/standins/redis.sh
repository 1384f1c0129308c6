#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The real image is built without protected mode.
exec "$@" --protected-mode no
