/* SPDX-License-Identifier: MIT */
/* Spells delays as routing keys of the ladder. Pure. */
#include "ladder.h"

#include <stdio.h>
#include <string.h>

#define LADDER_LEADING_BITS 6 /* that a rounded delay keeps: as many hops */
/* The longest with so few bits: 47.8 days. */
#define LADDER_LONGEST                             \
	(((INT64_C(1) << LADDER_LEADING_BITS) - 1) \
	    << (LADDER_RUNGS - LADDER_LEADING_BITS))
#define LADDER_QUEUE_MAX 127 /* bytes */

/* The rung of the highest bit; seconds > 0. */
static unsigned
ladder_top(int64_t seconds)
{
	unsigned top = 0;

	while (seconds >> (top + 1) != 0)
		top++;
	return top;
}

/* Whole seconds of `delay` ms > 0, up to what the ladder can spell. */
static int64_t
ladder_seconds(int64_t delay)
{
	const int64_t seconds = delay / 1000 + (delay % 1000 != 0);

	return seconds < LADDER_MAX_SECONDS ? seconds : LADDER_MAX_SECONDS;
}

int64_t
ladder_round(int64_t delay)
{
	int64_t seconds, unit = 1;

	if (delay <= (INT64_C(1) << LADDER_LEADING_BITS) * 1000)
		return delay;
	seconds = ladder_seconds(delay);
	if (seconds >= LADDER_LONGEST)
		return LADDER_LONGEST * 1000;
	while (seconds / unit >> LADDER_LEADING_BITS != 0)
		unit *= 2;
	return (seconds + unit - 1) / unit * unit * 1000;
}

int
ladder_route(struct ladder_route *route, int64_t delay, const char *queue)
{
	const size_t len = strlen(queue);
	int64_t seconds;
	char *key = route->routing_key;

	if (len == 0 || len > LADDER_QUEUE_MAX || strchr(queue, '.') != NULL)
		return -1;
	route->exchange[0] = '\0';
	if (delay > 0) {
		seconds = ladder_seconds(delay);
		ladder_rung_name(route->exchange, ladder_top(seconds));
		for (; seconds != 0; seconds /= LADDER_BASE) {
			*key++ = (char)('0' + seconds % LADDER_BASE);
			*key++ = '.';
		}
	}
	memcpy(key, queue, len + 1);
	return 0;
}

void
ladder_rung_name(char name[LADDER_NAME_SIZE], unsigned rung)
{
	(void)snprintf(name, LADDER_NAME_SIZE, "email_delay.v2.%u", rung);
}

void
ladder_binding_key(char key[LADDER_KEY_SIZE], unsigned rung, unsigned digit)
{
	unsigned below;

	for (below = 0; below < rung / 2; below++) {
		*key++ = '*';
		*key++ = '.';
	}
	*key++ = (char)('0' + digit);
	memcpy(key, ".#", sizeof(".#"));
}

bool
ladder_waits(unsigned rung, unsigned digit)
{
	return digit >> rung % 2 & 1;
}
