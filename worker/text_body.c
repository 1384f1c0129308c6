/* SPDX-License-Identifier: MIT */
/* Choosing and writing transfer encodings. Base64 is GMime's. */
#include "text_body.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <gmime/gmime.h>

const char *const text_encoding_names[TEXT_ENCODING__MAX] = {
	[TEXT_7BIT] = "7bit",
	[TEXT_QUOTED_PRINTABLE] = "quoted-printable",
	[TEXT_BASE64] = "base64",
};

#define LINE_MAX_7BIT 998 /* bytes without CR LF: RFC 5322 2.1.1 */
#define LINE_MAX_QP 76 /* bytes: RFC 2045 6.7 (5) */

/* -- choosing -------------------------------------------------------------- */

/* Printable ASCII and tab. */
static bool
is_plain(unsigned char c)
{
	return (c >= ' ' && c <= '~') || c == '\t';
}

/* mbox files on the way would change it to ">From ". */
static bool
is_from_line(const char *line, size_t len)
{
	return len >= 5 && memcmp(line, "From ", 5) == 0;
}

/* The length of the line without its end; `*whole` is that with it. */
static size_t
line_len(const char *text, size_t len, size_t *whole)
{
	const char *end = memchr(text, '\n', len);

	if (end == NULL)
		return *whole = len;
	*whole = (size_t)(end - text) + 1;
	return end > text && end[-1] == '\r' ? *whole - 2 : *whole - 1;
}

/* Whether eight bytes are printable ASCII, as nearly all are. */
static bool
are_printable(const char *text)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	/* A byte's top bit: it has it, or it is below ' ', or it is DEL. */
	return ((word | (word - ' ' * each) | (word + each)) & 0x80 * each) ==
	    0;
}

static size_t
count_odd(const char *text, size_t len)
{
	size_t i = 0, odd = 0;

	while (i < len) {
		if (len - i >= 8 && are_printable(text + i))
			i += 8;
		else
			odd += !is_plain((unsigned char)text[i++]);
	}
	return odd;
}

enum text_encoding
text_body_choose(const char *text, size_t len)
{
	bool encode = false;
	size_t at, n, whole, odd = 0;

	for (at = 0; at < len; at += whole) {
		n = line_len(text + at, len - at, &whole);
		odd += count_odd(text + at, n);
		encode =
		    encode || n > LINE_MAX_7BIT || is_from_line(text + at, n);
	}
	if (odd == 0 && !encode)
		return TEXT_7BIT;
	/* Three bytes for an odd one, or four for any three. */
	return odd > len / 6 ? TEXT_BASE64 : TEXT_QUOTED_PRINTABLE;
}

/* -- writing --------------------------------------------------------------- */

static void
add_canonical(struct buffer *out, const char *text, size_t len)
{
	size_t at, n, whole;

	buffer_reserve(out, len + len / 32);
	for (at = 0; at < len; at += whole) {
		n = line_len(text + at, len - at, &whole);
		buffer_add(out, text + at, n);
		buffer_add(out, "\r\n", 2);
	}
}

/* Whether the line's first byte stands for itself in quoted-printable. */
static bool
is_literal(const char *line, size_t len, size_t column)
{
	const unsigned char c = (unsigned char)line[0];

	if (c == '=' || !is_plain(c))
		return false;
	if ((c == ' ' || c == '\t') && len == 1)
		return false;
	return column > 0 || !is_from_line(line, len);
}

/* The byte as =XX or as itself at `to`; where the next one goes. */
static char *
quote(char *to, const char *line, size_t len, size_t column)
{
	static const char digits[] = "0123456789ABCDEF";
	const unsigned char c = (unsigned char)line[0];

	if (is_literal(line, len, column)) {
		*to++ = line[0];
		return to;
	}
	*to++ = '=';
	*to++ = digits[c >> 4];
	*to++ = digits[c & 15];
	return to;
}

static void
add_quoted_line(struct buffer *out, const char *line, size_t len)
{
	char *to, *start;
	size_t at;

	/* All encoded, a soft break every 72 bytes, and CR LF. */
	buffer_reserve(out, 3 * len + (len / 24 + 1) * 3 + 2);
	to = start = out->data + out->len;
	for (at = 0; at < len; at++) {
		/* Room for three bytes and the = of a soft line break. */
		if (to - start + 3 > LINE_MAX_QP - 1) {
			memcpy(to, "=\r\n", 3);
			to = start = to + 3;
		}
		to = quote(to, line + at, len - at, (size_t)(to - start));
	}
	out->len = (size_t)(to - out->data);
	buffer_add(out, "\r\n", 2);
}

static void
add_quoted(struct buffer *out, const char *text, size_t len)
{
	size_t at, n, whole;

	buffer_reserve(out, len + len / 4);
	for (at = 0; at < len; at += whole) {
		n = line_len(text + at, len - at, &whole);
		add_quoted_line(out, text + at, n);
	}
}

/* Text on its way into base64, a piece at a time. */
struct coder {
	GMimeEncoding encoding;
	char piece[4096]; /* canonical text */
	size_t len;
	struct buffer *out;
};

/* GMime's lines end with LF. */
static void
code_piece(struct coder *coder, bool last)
{
	char coded[2 * sizeof(coder->piece)], *line = coded, *end;
	const size_t n = last ? g_mime_encoding_flush(&coder->encoding,
				    coder->piece, coder->len, coded) :
				g_mime_encoding_step(&coder->encoding,
				    coder->piece, coder->len, coded);
	char *const behind = coded + n;

	coder->len = 0;
	while ((end = memchr(line, '\n', (size_t)(behind - line))) != NULL) {
		buffer_add(coder->out, line, (size_t)(end - line));
		buffer_add(coder->out, "\r\n", 2);
		line = end + 1;
	}
	buffer_add(coder->out, line, (size_t)(behind - line));
}

static void
code(struct coder *coder, const char *bytes, size_t len)
{
	size_t n;

	while (len > 0) {
		n = sizeof(coder->piece) - coder->len;
		n = n < len ? n : len;
		memcpy(coder->piece + coder->len, bytes, n);
		coder->len += n;
		bytes += n;
		len -= n;
		if (coder->len == sizeof(coder->piece))
			code_piece(coder, false);
	}
}

static void
add_base64(struct buffer *out, const char *text, size_t len)
{
	struct coder coder = { .len = 0, .out = out };
	size_t at, n, whole;

	g_mime_encoding_init_encode(&coder.encoding,
	    GMIME_CONTENT_ENCODING_BASE64);
	buffer_reserve(out, len + len / 2);
	for (at = 0; at < len; at += whole) {
		n = line_len(text + at, len - at, &whole);
		code(&coder, text + at, n);
		code(&coder, "\r\n", 2);
	}
	code_piece(&coder, true);
}

void
text_body_add(struct buffer *out, const char *text, size_t len,
    enum text_encoding encoding)
{
	if (len == 0)
		return;
	switch (encoding) {
	case TEXT_7BIT:
		add_canonical(out, text, len);
		break;
	case TEXT_QUOTED_PRINTABLE:
		add_quoted(out, text, len);
		break;
	case TEXT_BASE64:
		add_base64(out, text, len);
		break;
	case TEXT_ENCODING__MAX:
		break;
	}
}
