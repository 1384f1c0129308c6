/* SPDX-License-Identifier: MIT */
/* Times in a client's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "moment.h"
#include "timestamp.h"

#define NOW INT64_C(1751212337000)
#define DAY INT64_C(86400000)

static void
test_taken(void **state)
{
	static const struct {
		const char *text;
		int64_t from_now;
	} rows[] = {
		{ "2025-06-29T15:52:17Z", 0 },
		{ "2025-06-29T17:52:18.5+02:00", 1500 },
		{ "in 1 min", 60000 },
		{ "in 10 minutes", 600000 },
		{ "In 30s", 30000 },
		{ "in an hour", 3600000 },
		{ "in a day", DAY },
		{ " in  2  weeks ", 14 * DAY },
		{ "in 0 seconds", 0 },
	};
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(moment_parse(rows[i].text,
				     strlen(rows[i].text), NOW, &ms),
		    0);
		assert_int_equal(ms - NOW, rows[i].from_now);
	}
}

static void
test_refused(void **state)
{
	static const char *const texts[] = { "", "in", "in 5", "in minutes",
		"10 minutes", "in 5 fortnights", "in -5 minutes",
		"in 1.5 hours", "in 5 minutes ago", "tomorrow",
		"in 100000001 s", "in 9999999999999999999999 s",
		"in 100000000 weeks", "inn 5 min", "2025-06-31T00:00:00Z" };
	int64_t ms = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (moment_parse(texts[i], strlen(texts[i]), NOW, &ms) != -1)
			fail_msg("taken: %s", texts[i]);
	assert_int_equal(ms, 7);
}

static void
test_ranges(void **state)
{
	(void)state;
	assert_null(moment_schedule_fault(NOW, NOW));
	assert_null(moment_schedule_fault(NOW - MOMENT_PAST, NOW));
	assert_string_equal(moment_schedule_fault(NOW - MOMENT_PAST - 1, NOW),
	    "is in the past");
	assert_null(moment_schedule_fault(NOW + 40 * DAY, NOW));
	assert_string_equal(moment_schedule_fault(NOW + 40 * DAY + 1, NOW),
	    "is more than 40 days ahead");
	assert_null(moment_expiry_fault(NOW + 1, NOW, 0));
	assert_string_equal(moment_expiry_fault(NOW, NOW, 0), "is in the past");
	assert_string_equal(moment_expiry_fault(NOW + 5, NOW, NOW + 5),
	    "must be after scheduled_at");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
