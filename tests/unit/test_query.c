/* SPDX-License-Identifier: MIT */
/* unit.query: parameters as forms and URLs spell them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "query.h"

static void
test_table(void **state)
{
	static const struct {
		const char *text, *name, *value;
		bool bad;
	} rows[] = {
		{ "limit=5", "limit", "5", false },
		{ "&&a=1&", "a", "1", false },
		{ "a", "a", "", false },
		{ "a=", "a", "", false },
		{ "=b", "", "b", false },
		{ "a=b=c", "a", "b=c", false },
		{ "a=x+y%2Bz", "a", "x y+z", false },
		{ "%61=%c3%BC", "a", "\xc3\xbc", false },
		{ "a=%", "a", "", true },
		{ "a=%4", "a", "", true },
		{ "a=%zz", "a", "", true },
		{ "a=x%00y", "a", "x", true },
		{ "a=x%&b=1", "a", "x", true },
	};
	struct query query;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		query.at = rows[i].text;
		assert_true(query_next(&query));
		assert_string_equal(query.name, rows[i].name);
		assert_string_equal(query.value, rows[i].value);
		assert_int_equal(query.bad, rows[i].bad);
	}
}

static void
test_all(void **state)
{
	struct query query = { .at = "a=1&b=2&&c" };

	(void)state;
	assert_true(query_next(&query));
	assert_true(query_next(&query));
	assert_string_equal(query.name, "b");
	assert_true(query_next(&query));
	assert_string_equal(query.name, "c");
	assert_false(query_next(&query));
	query.at = "";
	assert_false(query_next(&query));
}

static void
test_too_long(void **state)
{
	char text[QUERY_TEXT_SIZE * 2];
	struct query query = { .at = text };

	(void)state;
	memset(text, 'x', sizeof(text));
	text[1] = '=';
	text[QUERY_TEXT_SIZE + 1] = '\0'; /* one less than its size: fits */
	assert_true(query_next(&query));
	assert_false(query.bad);
	assert_int_equal(strlen(query.value), QUERY_TEXT_SIZE - 1);
	text[QUERY_TEXT_SIZE + 1] = 'x';
	text[QUERY_TEXT_SIZE + 2] = '\0';
	query.at = text;
	assert_true(query_next(&query));
	assert_true(query.bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
