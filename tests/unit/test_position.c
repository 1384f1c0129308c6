/* SPDX-License-Identifier: MIT */
/* unit.position: ids of the stream, and texts that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "position.h"

static void
test_both_ways(void **state)
{
	static const char *const texts[] = { "0-0", "1-0", "1751212337432-7",
		"18446744073709551615-18446744073709551615" };
	struct position position;
	char again[POSITION_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(position_parse(&position, texts[i],
				     strlen(texts[i])),
		    0);
		position_format(again, position);
		assert_string_equal(again, texts[i]);
	}
}

static void
test_what_is_none(void **state)
{
	static const char *const texts[] = { "", "1", "-", "1-", "-1", "1-1-1",
		"01-0", "1-00", "+1-0", "1- 0", " 1-0", "1-0 ", "a-0", "$",
		"18446744073709551616-0", "0-99999999999999999999" };
	struct position position = { 7, 7 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(position_parse(&position, texts[i],
				     strlen(texts[i])),
		    -1);
	assert_int_equal(position_parse(&position, "1-0\0", 4), -1);
	assert_true(position.ms == 7 && position.n == 7);
}

static void
test_order(void **state)
{
	static const struct position rising[] = { { 0, 0 }, { 0, 1 }, { 1, 0 },
		{ 1, UINT64_MAX }, { 2, 0 }, { UINT64_MAX, 0 } };
	const size_t count = sizeof(rising) / sizeof(rising[0]);
	size_t i, j;
	int order;

	(void)state;
	for (i = 0; i < count; i++)
		for (j = 0; j < count; j++) {
			order = position_compare(rising[i], rising[j]);
			assert_int_equal((order > 0) - (order < 0),
			    (i > j) - (i < j));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
