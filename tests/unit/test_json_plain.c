/* SPDX-License-Identifier: MIT */
/* unit.json_plain: every byte at every place of a few words of eight bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json_plain.h"

#define LEN 27

static bool
is_plain(int byte)
{
	return byte >= 0x20 && byte < 0x80 && strchr("\"\\", byte) == NULL;
}

static void
test_every_byte(void **state)
{
	static const char around[] = { ' ', 'a', '~', '\x7f', '!', '#', '[' };
	char text[LEN];
	size_t at, i;
	int byte;

	(void)state;
	for (i = 0; i < sizeof(around); i++)
		for (at = 0; at < LEN; at++)
			for (byte = 0; byte < 256; byte++) {
				memset(text, around[i], LEN);
				text[at] = (char)byte;
				assert_int_equal(json_plain_run(text, LEN),
				    is_plain(byte) ? LEN : at);
			}
}

/* What stands behind the first that is not plain changes nothing. */
static void
test_the_first_counts(void **state)
{
	(void)state;
	assert_int_equal(json_plain_run("abc\n\"\\\x80\xff!", 9), 3);
	assert_int_equal(json_plain_run("!\x1f !\"#[]\\^", 10), 1);
	assert_int_equal(json_plain_run("\xff", 1), 0);
	assert_int_equal(json_plain_run("", 0), 0);
}

static void
test_no_byte_behind_its_end(void **state)
{
	static const char text[] = "0123456789abcdef\"";
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(text) - 1; len++)
		assert_int_equal(json_plain_run(text, len), len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_the_first_counts),
		cmocka_unit_test(test_no_byte_behind_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
