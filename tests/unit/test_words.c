/* SPDX-License-Identifier: MIT */
/* unit.words: what a text is searched by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "buffer.h"
#include "words.h"

static void
test_words(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "" },
		{ " - !", "" },
		{ "Hello", "hello " },
		{ "Your order #42, Ada!", "your order 42 ada " },
		{ "GR\xc3\x9c\xc3\x9f"
		  "E",
		    "gr\xc3\xbc\xc3\x9f"
		    "e " },
		{ "a\xff"
		  "b",
		    "a b " },
	};
	struct buffer all = { 0 };
	struct words words;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		words =
		    (struct words){ rows[i].text, strlen(rows[i].text), "" };
		buffer_clear(&all);
		buffer_add_text(&all, "");
		while (words_next(&words))
			buffer_printf(&all, "%s ", words.word);
		buffer_reserve(&all, 0);
		assert_string_equal(all.data, rows[i].words);
	}
	buffer_free(&all);
}

static void
test_long_word_is_cut_between_characters(void **state)
{
	char text[200];
	struct words words = { text, sizeof(text), "" };

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + WORD_SIZE - 2, "\xc3\xbc", 2); /* does not fit */
	assert_true(words_next(&words));
	assert_int_equal(strlen(words.word), WORD_SIZE - 2);
	assert_false(words_next(&words));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_long_word_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
