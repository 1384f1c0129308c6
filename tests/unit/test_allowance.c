/* SPDX-License-Identifier: MIT */
/* unit.allowance: what is in hand, and when Redis is asked for more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allowance.h"

static const struct allowance_grant plenty = { .wanted = 5,
	.granted = 5,
	.left = 95,
	.full_in = 500,
	.more_in = 10,
	.good_for = 1000 };

static void
test_in_hand(void **state)
{
	struct allowance allowance = { 0 };
	int i;

	(void)state;
	assert_int_equal(allowance_take(&allowance, 1, 100), ALLOWANCE_ASK);
	allowance_fill(&allowance, &plenty, 100);
	assert_int_equal(allowance_left(&allowance), 100);
	for (i = 0; i < 5; i++)
		assert_int_equal(allowance_take(&allowance, 1, 100),
		    ALLOWANCE_TAKEN);
	assert_int_equal(allowance_left(&allowance), 95);
	assert_int_equal(allowance_take(&allowance, 1, 100), ALLOWANCE_ASK);
}

static void
test_old(void **state)
{
	struct allowance allowance = { 0 };

	(void)state;
	allowance_fill(&allowance, &plenty, 100);
	assert_int_equal(allowance_take(&allowance, 1, 1099), ALLOWANCE_TAKEN);
	assert_int_equal(allowance_take(&allowance, 1, 1100), ALLOWANCE_ASK);
	allowance_fill(&allowance, &plenty, 1100);
	assert_int_equal(allowance.have, 5);
}

/* Those that were granted are used up; then Redis is left alone for a while. */
static void
test_denied(void **state)
{
	struct allowance_grant last = plenty;
	struct allowance allowance = { 0 };

	(void)state;
	last.granted = 2;
	last.left = 0;
	allowance_fill(&allowance, &last, 100);
	assert_int_equal(allowance_take(&allowance, 3, 100), ALLOWANCE_DENIED);
	assert_int_equal(allowance_take(&allowance, 2, 100), ALLOWANCE_TAKEN);
	assert_int_equal(allowance_take(&allowance, 1, 109), ALLOWANCE_DENIED);
	assert_int_equal(allowance_take(&allowance, 1, 110), ALLOWANCE_ASK);
	allowance_return(&allowance, 1);
	assert_int_equal(allowance_take(&allowance, 1, 109), ALLOWANCE_TAKEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_hand),
		cmocka_unit_test(test_old),
		cmocka_unit_test(test_denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
