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

#define BASE64_LINE_BYTES 57 /* that a line of 76 characters stands for */

/*
 * As the lines of a MIME part: 76 characters and CR LF (RFC 2045 6.8). How
 * many bytes that takes; writing them, so many; a file may be written piece by
 * piece if all pieces but the last are whole lines.
 */
size_t base64_lines_len(size_t len);
size_t base64_write_lines(char *out, const char *bytes, size_t len);

#endif
