/* SPDX-License-Identifier: MIT */
/* application/x-www-form-urlencoded, as WHATWG's URL standard reads it. */
#include "query.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static int
hex(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit = (char)tolower((unsigned char)digit);
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* One decoded byte; -1 for a broken %xx or a NUL. */
static int
decode_byte(const char **at, const char *end)
{
	int high, low;

	if (**at != '%') {
		(*at)++;
		return (*at)[-1] == '+' ? ' ' : (unsigned char)(*at)[-1];
	}
	if (end - *at < 3)
		return -1;
	high = hex((*at)[1]);
	low = hex((*at)[2]);
	*at += 3;
	return high < 0 || low < 0 || high + low == 0 ? -1 : high << 4 | low;
}

static bool
decode(char text[QUERY_TEXT_SIZE], const char *at, const char *end)
{
	size_t len = 0;
	int byte = 0;

	while (at < end && byte >= 0 && len + 1 < QUERY_TEXT_SIZE) {
		byte = decode_byte(&at, end);
		if (byte >= 0)
			text[len++] = (char)byte;
	}
	text[len] = '\0';
	return byte >= 0 && at == end;
}

bool
query_next(struct query *query)
{
	const char *begin, *end, *equals;

	query->at += strspn(query->at, "&");
	if (*query->at == '\0')
		return false;
	begin = query->at;
	end = begin + strcspn(begin, "&");
	query->at = end;
	equals = memchr(begin, '=', (size_t)(end - begin));
	if (equals == NULL)
		equals = end;
	query->bad = !decode(query->name, begin, equals);
	if (!decode(query->value, equals < end ? equals + 1 : end, end))
		query->bad = true;
	return true;
}
