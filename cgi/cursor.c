/* SPDX-License-Identifier: MIT */
/* base64url both ways, for texts of this size only. */
#include "cursor.h"

#include <stdio.h>
#include <string.h>

#include "timestamp.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789-_";

void
cursor_encode(const struct cursor *cursor, char text[CURSOR_SIZE])
{
	char plain[CURSOR_PLAIN_MAX + 1];
	uint32_t bits = 0;
	unsigned have = 0;
	const char *p;

	snprintf(plain, sizeof(plain), "%s%lld:%s", cursor->newer ? ">" : "",
	    (long long)cursor->created_at, cursor->id);
	for (p = plain; *p != '\0'; p++) {
		bits = bits << 8 | (unsigned char)*p;
		for (have += 8; have >= 6; have -= 6)
			*text++ = alphabet[bits >> (have - 6) & 63];
	}
	if (have > 0)
		*text++ = alphabet[bits << (6 - have) & 63];
	*text = '\0';
}

/* The plain text and its length, or -1. */
static int
decode(char plain[CURSOR_PLAIN_MAX + 1], const char *text, size_t len)
{
	uint32_t bits = 0;
	unsigned have = 0;
	const char *letter;
	size_t i;
	int out = 0;

	if (len >= CURSOR_SIZE)
		return -1;
	for (i = 0; i < len; i++) {
		letter = memchr(alphabet, text[i], 64);
		if (letter == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(letter - alphabet);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if (out == CURSOR_PLAIN_MAX)
			return -1;
		plain[out++] = (char)(bits >> have & 0xff);
	}
	plain[out] = '\0';
	return out;
}

int
cursor_decode(struct cursor *cursor, const char *text, size_t len)
{
	char plain[CURSOR_PLAIN_MAX + 1], again[CURSOR_SIZE];
	int plain_len = decode(plain, text, len);
	int i, begin;

	if (plain_len < 0)
		return -1;
	cursor->created_at = 0;
	cursor->newer = plain[0] == '>';
	begin = cursor->newer ? 1 : 0;
	for (i = begin; plain[i] >= '0' && plain[i] <= '9'; i++) {
		cursor->created_at = cursor->created_at * 10 + plain[i] - '0';
		if (cursor->created_at > TIMESTAMP_MAX)
			return -1;
	}
	if (i == begin || plain[i] != ':' ||
	    !id_is_valid(plain + i + 1, (size_t)(plain_len - i - 1)))
		return -1;
	memcpy(cursor->id, plain + i + 1, (size_t)(plain_len - i));
	/* Zeros in front, or bits behind the end: not written by us. */
	cursor_encode(cursor, again);
	return strlen(again) == len && memcmp(again, text, len) == 0 ? 0 : -1;
}
