/* SPDX-License-Identifier: MIT */
/* Eight bytes at a time. */
#include "json_plain.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ONES UINT64_C(0x0101010101010101)
#define TOPS (ONES << 7)

/* Of eight bytes that are all below 0x80. */
#define ANY_BELOW(EIGHT, THAN) (((EIGHT)-ONES * (THAN)) & TOPS)
#define ANY_EQUAL(EIGHT, BYTE) ANY_BELOW((EIGHT) ^ (ONES * (BYTE)), 1)

static bool
is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/*
 * A borrow from a byte that is below may reach the next one's top bit: then
 * there was one, so that the answer is right. A byte of 0x80 or more counts by
 * its own top bit.
 */
static bool
are_plain(uint64_t eight)
{
	return ((eight & TOPS) | ANY_BELOW(eight, 0x20) |
		   ANY_EQUAL(eight, '"') | ANY_EQUAL(eight, '\\')) == 0;
}

size_t
json_plain_run(const char *text, size_t len)
{
	uint64_t eight;
	size_t i;

	for (i = 0; i + sizeof(eight) <= len; i += sizeof(eight)) {
		memcpy(&eight, text + i, sizeof(eight));
		if (!are_plain(eight))
			break;
	}
	/* Its end, with bytes that were seen before it. */
	if (i > 0 && i < len && i + sizeof(eight) > len) {
		memcpy(&eight, text + len - sizeof(eight), sizeof(eight));
		if (are_plain(eight))
			return len;
	}
	while (i < len && is_plain((unsigned char)text[i]))
		i++;
	return i;
}
