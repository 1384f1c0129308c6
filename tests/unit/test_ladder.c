/* SPDX-License-Identifier: MIT */
/*
 * unit.ladder: a message is walked down the ladder as the broker would, by the
 * binding keys, and must have waited as long as was asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ladder.h"

/* Whether a topic exchange routes `key` by `binding`, which ends in ".#". */
static bool
topic_matches(const char *binding, const char *key)
{
	for (; strcmp(binding, "#") != 0; binding += 2, key += 2)
		if (key[0] == '\0' || key[1] != '.' || binding[1] != '.' ||
		    (binding[0] != '*' && binding[0] != key[0]))
			return false;
	return true;
}

/* The one of a rung's binding keys that takes the message: whether it waits. */
static bool
waits_at(unsigned rung, const char *routing_key)
{
	char key[LADDER_KEY_SIZE];
	unsigned digit, matching = 0;
	bool waits = false;

	for (digit = 0; digit < LADDER_BASE; digit++) {
		ladder_binding_key(key, rung, digit);
		if (topic_matches(key, routing_key)) {
			matching++;
			waits = ladder_waits(rung, digit);
		}
	}
	assert_int_equal(matching, 1);
	return waits;
}

/* Seconds that a message waits, and in *hops in how many queues. */
static int64_t
walk(const struct ladder_route *route, unsigned *hops)
{
	char name[LADDER_NAME_SIZE];
	bool entered = false;
	int64_t waited = 0;
	int rung;

	*hops = 0;
	for (rung = LADDER_RUNGS - 1; rung >= 0; rung--) {
		ladder_rung_name(name, (unsigned)rung);
		entered = entered || strcmp(name, route->exchange) == 0;
		if (!entered)
			continue;
		if (waits_at((unsigned)rung, route->routing_key)) {
			waited += INT64_C(1) << rung;
			(*hops)++;
		}
	}
	assert_true(entered);
	return waited;
}

static int64_t
walk_delay(int64_t delay, unsigned *hops)
{
	struct ladder_route route;

	assert_int_equal(ladder_route(&route, delay, "email_tasks"), 0);
	assert_string_equal(strrchr(route.routing_key, '.'), ".email_tasks");
	return walk(&route, hops);
}

static void
test_names(void **state)
{
	char name[LADDER_NAME_SIZE], key[LADDER_KEY_SIZE];
	struct ladder_route route;

	(void)state;
	ladder_rung_name(name, 0);
	assert_string_equal(name, "email_delay.v2.0");
	ladder_rung_name(name, 21);
	assert_string_equal(name, "email_delay.v2.21");
	ladder_binding_key(key, 0, 3);
	assert_string_equal(key, "3.#");
	ladder_binding_key(key, 5, 0);
	assert_string_equal(key, "*.*.0.#");
	assert_int_equal(ladder_route(&route, 5000, "email_tasks"), 0);
	assert_string_equal(route.exchange, "email_delay.v2.2");
	assert_string_equal(route.routing_key, "1.1.email_tasks");
}

static void
test_exact(void **state)
{
	static const int64_t under[] = { 999, 500, 1, 0 }; /* ms */
	unsigned hops;
	int64_t seconds;
	size_t i;

	(void)state;
	for (seconds = 1; seconds <= LADDER_MAX_SECONDS;
	     seconds += 1 + seconds / 97)
		for (i = 0; i < sizeof(under) / sizeof(under[0]); i++) {
			assert_int_equal(seconds,
			    walk_delay(seconds * 1000 - under[i], &hops));
			assert_in_range(hops, 1, LADDER_RUNGS);
		}
	assert_int_equal(walk_delay(INT64_C(40) * 86400000, &hops), 40 * 86400);
}

/* Never less, and more by at most one part in 32. */
static void
test_rounded(void **state)
{
	int64_t seconds, rounded;
	unsigned hops;

	(void)state;
	for (seconds = 1; seconds <= 63 << 16; seconds += 1 + seconds / 97) {
		rounded = ladder_round(seconds * 1000) / 1000;
		if (rounded < seconds || rounded > seconds + seconds / 32)
			fail_msg("%d s became %d", (int)seconds, (int)rounded);
		assert_int_equal(walk_delay(rounded * 1000, &hops), rounded);
		assert_in_range(hops, 1, 6);
	}
	assert_int_equal(ladder_round(0), 0);
	assert_int_equal(ladder_round(1), 1);
	assert_int_equal(ladder_round(63999), 63999);
	assert_int_equal(ladder_round(65000), 66000);
	assert_int_equal(ladder_round(126001), 128000);
	assert_int_equal(ladder_round(3600000), 3648000); /* 57 * 2^6 */
	assert_int_equal(ladder_round(INT64_MAX), (INT64_C(63) << 16) * 1000);
}

static void
test_longest(void **state)
{
	static const int64_t delays[] = { LADDER_MAX_SECONDS,
		LADDER_MAX_SECONDS + 1, INT64_MAX / 1000 };
	unsigned hops;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
		assert_int_equal(walk_delay(delays[i] * 1000, &hops),
		    LADDER_MAX_SECONDS);
	assert_int_equal(walk_delay(INT64_MAX, &hops), LADDER_MAX_SECONDS);
}

static void
test_no_delay(void **state)
{
	static const int64_t delays[] = { 0, -1, INT64_MIN };
	struct ladder_route route;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		assert_int_equal(ladder_route(&route, delays[i], "q"), 0);
		assert_string_equal(route.exchange, "");
		assert_string_equal(route.routing_key, "q");
	}
}

static void
test_queue_names(void **state)
{
	struct ladder_route route;
	char name[130];

	(void)state;
	memset(name, 'q', sizeof(name));
	name[128] = '\0';
	assert_int_equal(ladder_route(&route, 1000, ""), -1);
	assert_int_equal(ladder_route(&route, 1000, "a.b"), -1);
	assert_int_equal(ladder_route(&route, 0, "a.b"), -1);
	assert_int_equal(ladder_route(&route, 1000, name), -1);
	name[127] = '\0';
	assert_int_equal(ladder_route(&route, LADDER_MAX_SECONDS * 1000, name),
	    0);
	assert_string_equal(route.routing_key + LADDER_RUNGS, name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_rounded),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_no_delay),
		cmocka_unit_test(test_queue_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
