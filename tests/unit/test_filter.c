/* SPDX-License-Identifier: MIT */
/* unit.filter: what is wanted, by job and by status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "filter.h"

static void
test_at_first_all(void **state)
{
	const struct filter filter = { 0 };

	(void)state;
	assert_true(filter_takes(&filter, "a", JOB_QUEUED));
	assert_true(filter_takes(&filter, "b", JOB_UNKNOWN));
}

static void
test_jobs_and_statuses(void **state)
{
	struct filter filter = { 0 };

	(void)state;
	assert_int_equal(filter_add_job(&filter, "a", 2), 0);
	assert_int_equal(filter_add_job(&filter, "b", 2), 0);
	assert_int_equal(filter_add_job(&filter, "a", 2), 0);
	assert_int_equal(filter_add_job(&filter, "c", 2), -1);
	assert_true(filter_takes(&filter, "a", JOB_QUEUED));
	assert_true(filter_takes(&filter, "b", JOB_FAILED));
	assert_false(filter_takes(&filter, "c", JOB_FAILED));
	filter.statuses = 1U << JOB_FAILED;
	assert_false(filter_takes(&filter, "a", JOB_QUEUED));
	assert_true(filter_takes(&filter, "b", JOB_FAILED));
	filter_free(&filter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at_first_all),
		cmocka_unit_test(test_jobs_and_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
