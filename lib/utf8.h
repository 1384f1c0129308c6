/* SPDX-License-Identifier: MIT */
/* Where one character of outside text ends (RFC 3629). Pure. */
#ifndef POSTRIDER_UTF8_H
#define POSTRIDER_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes (1-4) of the character that `text` begins with, and its code point in
 * `*point` when that is not NULL. 0 when `len` is 0 or the bytes are not UTF-8:
 * overlong, a surrogate, beyond U+10FFFF, or cut.
 */
size_t utf8_next(const char *text, size_t len, uint32_t *point);
bool utf8_is_valid(const char *text, size_t len);

#endif
