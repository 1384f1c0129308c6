/* SPDX-License-Identifier: MIT */
/* unit.retry: growth, cap, and the bounds of the jitter over all randoms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "retry.h"

#define MIDDLE 0x80000000U /* no jitter, but for rounding */

static const struct retry_policy usual = { .base = 2000, .cap = 3600000 };

static void
test_growth(void **state)
{
	static const int64_t delays[] = { 2000, 8000, 32000, 128000, 512000,
		2048000, 3600000, 3600000, 3600000 };
	unsigned failures;

	(void)state;
	for (failures = 1; failures <= 9; failures++)
		assert_in_range(retry_delay(&usual, failures, MIDDLE),
		    delays[failures - 1], delays[failures - 1] + 1);
	assert_in_range(retry_delay(&usual, 1000000, MIDDLE), 3600000, 3600001);
}

/* The high 16 bits decide: all of them are tried. */
static void
test_jitter_bounds(void **state)
{
	int64_t delay, least = INT64_MAX, most = 0, sum = 0;
	uint32_t high;

	(void)state;
	for (high = 0; high <= 0xffff; high++) {
		delay = retry_delay(&usual, 1, high << 16 | (high ^ 0xabcd));
		if (delay < 1600 || delay > 2400)
			fail_msg("random %x: %d ms", high, (int)delay);
		least = delay < least ? delay : least;
		most = delay > most ? delay : most;
		sum += delay;
	}
	assert_int_equal(least, 1600);
	assert_int_equal(most, 2400);
	assert_in_range(sum / 65536, 1995, 2005); /* evenly spread */
}

static void
test_monotone(void **state)
{
	int64_t last, delay;
	unsigned failures;
	uint32_t random;

	(void)state;
	for (random = 0; random < 64; random++) {
		last = 0;
		for (failures = 1; failures < 40; failures++) {
			delay = retry_delay(&usual, failures, random << 26);
			if (delay < last)
				fail_msg("%u failures: shorter", failures);
			assert_true(delay <= 3600000 + 720000);
			last = delay;
		}
	}
}

static void
test_edges(void **state)
{
	static const struct retry_policy tiny = { 1, 1 }, none = { 0, 0 },
					 huge = { INT64_MAX, INT64_MAX },
					 crossed = { 5000, 1000 };

	(void)state;
	assert_int_equal(retry_delay(&tiny, 1, 0), 1);
	assert_int_equal(retry_delay(&tiny, 50, UINT32_MAX), 1);
	assert_int_equal(retry_delay(&none, 1, UINT32_MAX), 1);
	assert_true(retry_delay(&huge, 3, UINT32_MAX) > 0);
	assert_true(retry_delay(&huge, 3, 0) > 0);
	assert_in_range(retry_delay(&crossed, 1, MIDDLE), 1000, 1001);
	assert_int_equal(retry_delay(&usual, 0, 0), 1600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_jitter_bounds),
		cmocka_unit_test(test_monotone),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
