/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648 4). Pure. */
#ifndef POSTRIDER_BASE64_H
#define POSTRIDER_BASE64_H

#include <stddef.h>

#include "buffer.h"

/*
 * Appends the bytes that the text stands for. Blanks and line ends in it do not
 * count; padding must be there. 0, or -1 and the buffer as it was: it is not
 * base64.
 */
int base64_decode(struct buffer *, const char *text, size_t len);

/* Appends as the lines of a MIME part: 76 bytes and CR LF (RFC 2045 6.8). */
void base64_add_lines(struct buffer *, const char *bytes, size_t len);

#endif
