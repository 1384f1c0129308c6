/* SPDX-License-Identifier: MIT */
/* unit.utf8: what is a character and what is not, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "utf8.h"

static const struct {
	const char *text;
	size_t length; /* 0: not UTF-8 */
	uint32_t point;
} characters[] = {
	{ "a", 1, 'a' },
	{ "\x7f", 1, 0x7f },
	{ "\xc2\x80", 2, 0x80 },
	{ "\xc3\xa9", 2, 0xe9 },
	{ "\xdf\xbf", 2, 0x7ff },
	{ "\xe0\xa0\x80", 3, 0x800 },
	{ "\xe2\x82\xac", 3, 0x20ac },
	{ "\xed\x9f\xbf", 3, 0xd7ff },
	{ "\xee\x80\x80", 3, 0xe000 },
	{ "\xef\xbf\xbf", 3, 0xffff },
	{ "\xf0\x90\x80\x80", 4, 0x10000 },
	{ "\xf0\x9f\x98\x80", 4, 0x1f600 },
	{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	{ "\x80", 0, 0 }, /* continuation alone */
	{ "\xc0\xaf", 0, 0 }, /* overlong */
	{ "\xc1\xbf", 0, 0 },
	{ "\xe0\x9f\xbf", 0, 0 },
	{ "\xf0\x8f\xbf\xbf", 0, 0 },
	{ "\xed\xa0\x80", 0, 0 }, /* surrogate */
	{ "\xed\xbf\xbf", 0, 0 },
	{ "\xf4\x90\x80\x80", 0, 0 }, /* beyond U+10FFFF */
	{ "\xf5\x80\x80\x80", 0, 0 },
	{ "\xff", 0, 0 },
	{ "\xc3", 0, 0 }, /* cut */
	{ "\xe2\x82", 0, 0 },
	{ "\xf0\x9f\x98", 0, 0 },
	{ "\xc3(", 0, 0 }, /* wrong continuation */
	{ "\xe2\x82(", 0, 0 },
	{ "\xe2\x82\xc0", 0, 0 },
	{ "\xf0\x9f(\x80", 0, 0 },
};

static void
test_next(void **state)
{
	size_t i, length;
	uint32_t point;

	(void)state;
	for (i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		const char *text = characters[i].text;

		point = 0;
		length = utf8_next(text, strlen(text), &point);
		if (length != characters[i].length)
			fail_msg("row %zu: length %zu", i, length);
		assert_int_equal(point, characters[i].point);
		assert_int_equal(utf8_is_valid(text, strlen(text)), length > 0);
	}
	assert_int_equal(utf8_next("", 0, &point), 0);
	assert_int_equal(utf8_next("\0", 1, &point), 1);
	assert_int_equal(point, 0);
}

static void
test_is_valid_reads_all(void **state)
{
	(void)state;
	assert_true(utf8_is_valid("", 0));
	assert_true(utf8_is_valid("a\xc3\xa9\xf0\x9f\x98\x80z", 8));
	assert_false(utf8_is_valid("a\xc3\xa9\xf0\x9f\x98\x80z", 6));
	assert_false(utf8_is_valid("fine\xff", 5));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_is_valid_reads_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
