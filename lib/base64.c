/* SPDX-License-Identifier: MIT */
/* Three bytes are four characters of 6 bits each. */
#include "base64.h"

#include <stdint.h>
#include <string.h>

#define LINE_LEN 76

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

enum {
	BLANK = 64,
	PADDING,
	WRONG
};

/* What a character stands for. */
struct values {
	unsigned char of[256];
};

static void
make_values(struct values *values)
{
	size_t i;

	memset(values->of, WRONG, sizeof(values->of));
	for (i = 0; alphabet[i] != '\0'; i++)
		values->of[(unsigned char)alphabet[i]] = (unsigned char)i;
	values->of['='] = PADDING;
	values->of[' '] = values->of['\t'] = values->of['\r'] =
	    values->of['\n'] = BLANK;
}

/* Up to four characters as they come. */
struct quartet {
	uint32_t bits;
	unsigned filled, padding;
};

static char *
write_quartet(char *to, const struct quartet *q)
{
	const unsigned n = 3 - q->padding;

	to[0] = (char)(q->bits >> 16);
	to[1] = (char)(q->bits >> 8);
	to[2] = (char)q->bits;
	return to + n;
}

/* Whether the bits that no byte has are zero, so that one text is one value. */
static int
is_canonical(const struct quartet *q)
{
	return (q->bits & ((1U << 8 * q->padding) - 1)) == 0;
}

int
base64_decode(struct buffer *out, const char *text, size_t len)
{
	struct quartet q = { 0, 0, 0 };
	struct values values;
	const char *end = text + len;
	unsigned char value;
	char *to;

	make_values(&values);
	buffer_reserve(out, len / 4 * 3 + 3);
	to = out->data + out->len;
	for (; text < end; text++) {
		value = values.of[(unsigned char)*text];
		if (value == BLANK)
			continue;
		if (value == WRONG || (q.padding > 0 && value != PADDING) ||
		    (value == PADDING && (q.filled < 2 || q.padding == 2)))
			break;
		q.padding += value == PADDING;
		q.bits = q.bits << 6 | (value == PADDING ? 0 : value);
		if (++q.filled < 4)
			continue;
		if (!is_canonical(&q))
			break;
		to = write_quartet(to, &q);
		q.filled = 0; /* padding stays: nothing may follow it */
		q.bits = 0;
	}
	if (text < end || q.filled > 0) {
		out->data[out->len] = '\0';
		return -1;
	}
	out->len = (size_t)(to - out->data);
	out->data[out->len] = '\0';
	return 0;
}

static char *
write_line(char *to, const unsigned char *bytes, size_t len)
{
	uint32_t bits;
	size_t i, n;

	for (i = 0; i < len; i += 3) {
		n = len - i;
		bits = (uint32_t)bytes[i] << 16;
		bits |= n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		bits |= n > 2 ? bytes[i + 2] : 0;
		*to++ = alphabet[bits >> 18];
		*to++ = alphabet[bits >> 12 & 63];
		*to++ = n > 1 ? alphabet[bits >> 6 & 63] : '=';
		*to++ = n > 2 ? alphabet[bits & 63] : '=';
	}
	*to++ = '\r';
	*to++ = '\n';
	return to;
}

size_t
base64_lines_len(size_t len)
{
	const size_t rest = len % BASE64_LINE_BYTES;

	return len / BASE64_LINE_BYTES * (LINE_LEN + 2) +
	    (rest > 0 ? (rest + 2) / 3 * 4 + 2 : 0);
}

size_t
base64_write_lines(char *out, const char *bytes, size_t len)
{
	char *to = out;
	size_t n;

	for (; len > 0; len -= n, bytes += n) {
		n = len < BASE64_LINE_BYTES ? len : BASE64_LINE_BYTES;
		to = write_line(to, (const unsigned char *)bytes, n);
	}
	return (size_t)(to - out);
}
