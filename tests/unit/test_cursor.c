/* SPDX-License-Identifier: MIT */
/* unit.cursor: both ways, and texts that are none of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cursor.h"
#include "timestamp.h"

static void
test_both_ways(void **state)
{
	static const struct cursor cursors[] = {
		{ 0, "a", false },
		{ 1751212337432, "01979b1c-1a2b-7def-8123-0123456789ab",
		    false },
		{ TIMESTAMP_MAX,
		    "0123456789012345678901234567890123456789012345678901234567"
		    "890123",
		    false },
		{ 12, "ab", false },
		{ 12, "abc", false },
		{ 12, "._-", false },
		{ 12, "a", true },
		{ TIMESTAMP_MAX,
		    "0123456789012345678901234567890123456789012345678901234567"
		    "890123",
		    true },
	};
	char text[CURSOR_SIZE];
	struct cursor back;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++) {
		cursor_encode(&cursors[i], text);
		assert_int_equal(strspn(text,
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
				     "ghijklmnopqrstuvwxyz0123456789-"
				     "_"),
		    strlen(text));
		assert_int_equal(cursor_decode(&back, text, strlen(text)), 0);
		assert_int_equal(back.created_at, cursors[i].created_at);
		assert_int_equal(back.newer, cursors[i].newer);
		assert_string_equal(back.id, cursors[i].id);
	}
}

static void
test_bad(void **state)
{
	static const char *const texts[] = {
		"",
		"x",
		"====",
		"MTI6YQ==", /* padded */
		"MTI6L2E", /* 12:/a */
		"MTI6", /* 12: */
		"OmE", /* :a */
		"YTph", /* a:a */
		"LTE6YQ", /* -1:a */
		"MTI6YQ\n",
		"OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OmE",
		"MTI6AA", /* NUL */
		"MDEyOmE", /* 012:a */
		"MTI6YR", /* 12:a, and a bit more */
		"MTI6YWFhA", /* 12:aaa, and a letter more */
		/* too long */
		("MTI6YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"
		 "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"),
	};
	struct cursor cursor;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (cursor_decode(&cursor, texts[i], strlen(texts[i])) == 0)
			fail_msg("taken: %s", texts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
