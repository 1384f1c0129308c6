# SPDX-License-Identifier: MIT
"""Postrider and its peers, measured in turn on private services."""
