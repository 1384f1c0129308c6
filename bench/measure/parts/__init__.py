# SPDX-License-Identifier: MIT
"""One module for each figure; figure.py says what it holds."""
