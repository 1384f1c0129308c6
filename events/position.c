/* SPDX-License-Identifier: MIT */
#include "position.h"

#include <inttypes.h>
#include <stdio.h>

/* Bytes of a number as Redis writes it; 0: none, or beyond 64 bits. */
static size_t
read_number(uint64_t *number, const char *text, size_t len)
{
	size_t i;

	*number = 0;
	for (i = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, text[i] - '0', number))
			return 0;
	return i > 1 && text[0] == '0' ? 0 : i;
}

int
position_parse(struct position *position, const char *text, size_t len)
{
	struct position read;
	const size_t ms = read_number(&read.ms, text, len);
	size_t n;

	if (ms == 0 || ms == len || text[ms] != '-')
		return -1;
	n = read_number(&read.n, text + ms + 1, len - ms - 1);
	if (n == 0 || ms + 1 + n != len)
		return -1;
	*position = read;
	return 0;
}

void
position_format(char text[POSITION_SIZE], struct position position)
{
	(void)snprintf(text, POSITION_SIZE, "%" PRIu64 "-%" PRIu64, position.ms,
	    position.n);
}

int
position_compare(struct position a, struct position b)
{
	if (a.ms != b.ms)
		return a.ms < b.ms ? -1 : 1;
	return a.n < b.n ? -1 : a.n > b.n;
}
