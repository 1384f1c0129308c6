/* SPDX-License-Identifier: MIT */
/* unit.buffer: growing, dropping, and the two escapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buffer.h"

#define EURO "\xe2\x82\xac"
#define WRONG "\xef\xbf\xbd" /* U+FFFD */

static void
test_grows(void **state)
{
	struct buffer buffer = { 0 };
	size_t i, size, moves = 0;

	(void)state;
	for (i = 0; i < 100000; i++) {
		size = buffer.size;
		buffer_add(&buffer, "abc", 3);
		moves += buffer.size != size;
		assert_true(buffer.len < buffer.size);
		assert_int_equal(buffer.data[buffer.len], '\0');
	}
	assert_int_equal(buffer.len, 300000);
	assert_in_range(moves, 2, 20); /* it doubles */
	assert_memory_equal(buffer.data + 299997, "abc", 3);
	buffer_free(&buffer);
	assert_null(buffer.data);
	assert_int_equal(buffer.len, 0);
}

static void
test_reserve_then_no_move(void **state)
{
	struct buffer buffer = { 0 };
	const char *data;
	size_t i;

	(void)state;
	buffer_reserve(&buffer, 1000);
	assert_string_equal(buffer.data, "");
	data = buffer.data;
	for (i = 0; i < 1000; i++)
		buffer_add(&buffer, "x", 1);
	assert_ptr_equal(buffer.data, data);
	buffer_free(&buffer);
}

static void
test_printf_and_numbers(void **state)
{
	static const struct {
		int64_t number;
		const char *text;
	} numbers[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ -1, "-1" },
		{ 1750000000000, "1750000000000" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	struct buffer buffer = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		buffer_clear(&buffer);
		buffer_add_number(&buffer, numbers[i].number);
		assert_string_equal(buffer.data, numbers[i].text);
	}
	buffer_clear(&buffer);
	buffer_printf(&buffer, "%s=%d;", "a", 5);
	buffer_printf(&buffer, "%0200d", 1);
	assert_int_equal(buffer.len, 204);
	assert_memory_equal(buffer.data, "a=5;000", 7);
	buffer_free(&buffer);
}

static void
test_drop_and_take(void **state)
{
	struct buffer buffer = { 0 };
	char *text;

	(void)state;
	buffer_add_text(&buffer, "abcdef");
	buffer_drop(&buffer, 2);
	assert_string_equal(buffer.data, "cdef");
	text = buffer_take(&buffer);
	assert_string_equal(text, "cdef");
	assert_null(buffer.data);
	free(text);
	text = buffer_take(&buffer); /* also of an empty one */
	assert_string_equal(text, "");
	free(text);
	buffer_drop(&buffer, 5);
	buffer_add_text(&buffer, "x");
	buffer_drop(&buffer, 5);
	assert_string_equal(buffer.data, "");
	buffer_free(&buffer);
}

static void
test_json(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *json;
	} rows[] = {
		{ "", 0, "\"\"" },
		{ "plain", 5, "\"plain\"" },
		{ "a\"b\\c/", 6, "\"a\\\"b\\\\c/\"" },
		{ "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"" },
		{ "\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\"" },
		{ "caf\xc3\xa9 " EURO, 9, "\"caf\xc3\xa9 " EURO "\"" },
		{ "\xf0\x9f\x98\x80", 4, "\"\xf0\x9f\x98\x80\"" },
		{ "a\xff"
		  "b",
		    3, "\"a" WRONG "b\"" },
		{ "\xe2\x82", 2, "\"" WRONG WRONG "\"" },
		{ "\xed\xa0\x80", 3, "\"" WRONG WRONG WRONG "\"" },
		{ "\xc3\"", 2, "\"" WRONG "\\\"\"" },
	};
	struct buffer buffer = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer_clear(&buffer);
		buffer_add_json(&buffer, rows[i].text, rows[i].len);
		assert_string_equal(buffer.data, rows[i].json);
	}
	buffer_clear(&buffer);
	buffer_add_json_text(&buffer, NULL);
	buffer_add_json_text(&buffer, "x");
	assert_string_equal(buffer.data, "null\"x\"");
	buffer_free(&buffer);
}

static void
test_escaped(void **state)
{
	static const struct {
		const char *text;
		size_t len, max;
		const char *escaped;
	} rows[] = {
		{ "plain", 5, 100, "plain" },
		{ "a\"b\\c", 5, 100, "a\\\"b\\\\c" },
		{ "a\r\nb\t", 5, 100, "a\\r\\nb\\t" },
		{ "\0\x1b[31m\x7f", 7, 100, "\\x00\\x1b[31m\\x7f" },
		{ "caf\xc3\xa9", 5, 100, "caf\xc3\xa9" },
		{ "\xc2\x9b"
		  "2J",
		    4, 100, "\\xc2\\x9b2J" },
		{ "\xff\xc3", 2, 100, "\\xff\\xc3" },
		{ "12345678", 8, 8, "12345678" },
		{ "123456789", 9, 8, "12345..." },
		{ "1234\n6789", 9, 8, "1234..." }, /* an escape is not cut */
		{ "1234" EURO EURO, 10, 8, "1234..." },
		{ "123456789", 9, 3, "..." },
		{ "123456789", 9, 2, "" },
	};
	struct buffer buffer = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer_clear(&buffer);
		buffer_add_text(&buffer, "k=");
		buffer_add_escaped(&buffer, rows[i].text, rows[i].len,
		    rows[i].max);
		assert_string_equal(buffer.data + 2, rows[i].escaped);
		assert_int_equal(buffer.len, strlen(buffer.data));
	}
	buffer_free(&buffer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_reserve_then_no_move),
		cmocka_unit_test(test_printf_and_numbers),
		cmocka_unit_test(test_drop_and_take),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
