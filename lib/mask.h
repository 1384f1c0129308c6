/* SPDX-License-Identifier: MIT */
/* What a log may tell of an address: its first letter, and its domain. */
#ifndef POSTRIDER_MASK_H
#define POSTRIDER_MASK_H

#include "buffer.h"

/*
 * Appends the text with the local part of each address in it, wherever it
 * stands, cut to its first byte and "***": "550 <ann@example.com> unknown"
 * becomes "550 <a***@example.com> unknown".
 */
void mask_addresses(struct buffer *, const char *text);

#endif
