/* SPDX-License-Identifier: MIT */
/* unit.tally: minutes and classes of delay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tally.h"

static void
test_class(void **state)
{
	int64_t delay, class;

	(void)state;
	for (delay = 0; delay < 100000; delay = delay * 21 / 20 + 1) {
		class = tally_class(delay);
		assert_true(class <= delay);
		assert_true(delay - class <= class / 8);
		assert_int_equal(tally_class(class), class);
	}
	assert_int_equal(tally_class(-5), 0);
}

static void
test_add(void **state)
{
	struct tally tally = { 0 };

	(void)state;
	tally_add(&tally, 60001, "sent", 40);
	tally_add(&tally, 119999, "sent", 41);
	tally_add(&tally, 120000, "sent", 40);
	tally_add(&tally, 120000, "failed", 0);
	assert_int_equal(tally.len, 3);
	assert_int_equal(tally.rows[0].minute, 60000);
	assert_int_equal(tally.rows[0].count, 2);
	assert_int_equal(tally.rows[1].minute, 120000);
	tally_free(&tally);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_class),
		cmocka_unit_test(test_add),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
