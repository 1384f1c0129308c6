/* SPDX-License-Identifier: MIT */
/*
 * Text as the body of a MIME part: which transfer encoding it needs (RFC 2045
 * 6), and its bytes in it. LF and CR LF end a line, in any mix; a text that
 * does not end with one gets one. Anything else in it, a lone CR too, is
 * content and comes out as it was. What is written has CR LF only, in lines of
 * <= 998 bytes (7bit) or <= 76 (the others). Pure.
 */
#ifndef POSTRIDER_TEXT_BODY_H
#define POSTRIDER_TEXT_BODY_H

#include <stddef.h>

#include "buffer.h"

enum text_encoding {
	TEXT_7BIT,
	TEXT_QUOTED_PRINTABLE,
	TEXT_BASE64,
	TEXT_ENCODING__MAX
};
extern const char *const text_encoding_names[TEXT_ENCODING__MAX];

/* The most readable one that keeps the text whole. */
enum text_encoding text_body_choose(const char *text, size_t len);
void text_body_add(struct buffer *, const char *text, size_t len,
    enum text_encoding);

#endif
