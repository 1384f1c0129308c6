/* SPDX-License-Identifier: MIT */
/* Choosing and writing transfer encodings. Base64 is GMime's. */
#include "text_body.h"

#include <stdbool.h>
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

static size_t
count_odd(const char *text, size_t len)
{
	size_t i, odd = 0;

	for (i = 0; i < len; i++)
		odd += !is_plain((unsigned char)text[i]);
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

static void
add_quoted_line(struct buffer *out, const char *line, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	char coded[3];
	size_t at, n, column = 0;

	buffer_reserve(out, len + len / 8 + 2);
	for (at = 0; at < len; at++) {
		/* Room for three bytes and the = of a soft line break. */
		if (column + sizeof(coded) > LINE_MAX_QP - 1) {
			buffer_add(out, "=\r\n", 3);
			column = 0;
		}
		n = 1;
		coded[0] = line[at];
		if (!is_literal(line + at, len - at, column)) {
			coded[0] = '=';
			coded[1] = digits[(unsigned char)line[at] >> 4];
			coded[2] = digits[(unsigned char)line[at] & 15];
			n = sizeof(coded);
		}
		buffer_add(out, coded, n);
		column += n;
	}
	buffer_add(out, "\r\n", 2);
}

static void
add_quoted(struct buffer *out, const char *text, size_t len)
{
	size_t at, n, whole;

	for (at = 0; at < len; at += whole) {
		n = line_len(text + at, len - at, &whole);
		add_quoted_line(out, text + at, n);
	}
}

static void
add_base64(struct buffer *out, const char *text, size_t len)
{
	struct buffer canonical = { 0 }, coded = { 0 };
	GMimeEncoding encoding;

	add_canonical(&canonical, text, len);
	g_mime_encoding_init_encode(&encoding, GMIME_CONTENT_ENCODING_BASE64);
	buffer_reserve(&coded,
	    g_mime_encoding_outlen(&encoding, canonical.len));
	coded.len = g_mime_encoding_flush(&encoding, canonical.data,
	    canonical.len, coded.data);
	/* Its lines end with LF. */
	add_canonical(out, coded.data, coded.len);
	buffer_free(&canonical);
	buffer_free(&coded);
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
