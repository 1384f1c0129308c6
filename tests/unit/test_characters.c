/* SPDX-License-Identifier: MIT */
/* unit.characters: which text may go where, character by character. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "characters.h"

static const struct {
	const char *text;
	bool line, name, address;
} rows[] = {
	{ "", true, true, true },
	{ "a", true, true, true },
	{ " ", true, true, false },
	{ "\t", true, false, false },
	{ "\r", false, false, false },
	{ "\n", false, false, false },
	{ "\x1b", false, false, false },
	{ "\x7f", false, false, false },
	{ "\xc2\x85", false, false, false }, /* next line, of C1 */
	{ "\xc2\xa0", true, true, false }, /* no-break space */
	{ "\xc2\xad", true, false, false }, /* soft hyphen */
	{ "\xc3\xbc", true, true, true },
	{ "\xcd\x8f", true, false, false }, /* grapheme joiner */
	{ "\xd8\x9c", true, false, false }, /* Arabic letter mark */
	{ "\xe1\x85\x9f", true, false, false }, /* Hangul filler */
	{ "\xe2\x80\x8b", true, false, false }, /* zero width space */
	{ "\xe2\x80\x8c", true, true, false }, /* non-joiner */
	{ "\xe2\x80\x8d", true, true, false }, /* joiner */
	{ "\xe2\x80\x8e", true, false, false }, /* left-to-right mark */
	{ "\xe2\x80\xa8", false, false, false }, /* line separator */
	{ "\xe2\x80\xa9", false, false, false }, /* paragraph separator */
	{ "\xe2\x80\xaa", false, false, false }, /* embedding */
	{ "\xe2\x80\xae", false, false, false }, /* override */
	{ "\xe2\x81\xa0", true, false, false }, /* word joiner */
	{ "\xe2\x81\xa6", false, false, false }, /* isolate */
	{ "\xe2\x81\xa9", false, false, false }, /* its end */
	{ "\xe3\x80\x80", true, true, false }, /* ideographic space */
	{ "\xee\x80\x80", true, true, false }, /* private use */
	{ "\xef\xb8\x8f", true, true, false }, /* variation selector */
	{ "\xef\xbb\xbf", true, false, false }, /* byte order mark */
	{ "\xef\xbf\xb9", true, false, false }, /* annotation */
	{ "\xf0\x9f\x98\x80", true, true, true }, /* emoji */
	{ "\xf3\xa0\x81\xa1", true, false, false }, /* a tag letter */
	{ "\xf3\xa0\x84\x80", true, true, false }, /* selector for kanji */
	{ "\xed\xa0\x80", false, false, false }, /* a surrogate: no UTF-8 */
	{ "\xff", false, false, false },
};

static void
check(const char *text, enum characters characters, bool expected)
{
	if (characters_are(text, strlen(text), characters) != expected)
		fail_msg("'%s' (%d)", text, (int)characters);
}

static void
test_kinds(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(rows[i].text, CHARACTERS_LINE, rows[i].line);
		check(rows[i].text, CHARACTERS_NAME, rows[i].name);
		check(rows[i].text, CHARACTERS_ADDRESS, rows[i].address);
	}
	assert_false(characters_are("a\0", 2, CHARACTERS_LINE));
	assert_false(characters_are("aa\n", 3, CHARACTERS_LINE));
	assert_true(characters_are("aa\n", 2, CHARACTERS_LINE));
}

static bool
is_of_one_script(const char *text)
{
	return characters_are_of_one_script(text, strlen(text));
}

static void
test_scripts(void **state)
{
	(void)state;
	assert_true(is_of_one_script(""));
	assert_true(is_of_one_script("a-1"));
	assert_true(is_of_one_script("1-2"));
	assert_true(is_of_one_script("1-\xd0\xb0"));
	assert_true(is_of_one_script("\xce\xb1\xcc\x81")); /* Inherited */
	assert_false(is_of_one_script("a\xd0\xb0"));
	assert_false(is_of_one_script("\xd0\xb0-a"));
	assert_false(is_of_one_script("\xe6\xbc\xa2\xd0\xb0")); /* Han, Cyr. */
	assert_true(is_of_one_script("a\xe6\xbc\xa2"));
	assert_false(is_of_one_script("a\xff"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_scripts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
