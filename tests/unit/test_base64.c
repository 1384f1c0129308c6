/* SPDX-License-Identifier: MIT */
/* unit.base64: RFC 4648's examples, what is none, lines of MIME. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base64.h"

static void
test_decode(void **state)
{
	static const struct {
		const char *text, *bytes;
	} rows[] = {
		{ "", "" },
		{ "Zg==", "f" },
		{ "Zm8=", "fo" },
		{ "Zm9v", "foo" },
		{ "Zm9vYg==", "foob" },
		{ "Zm9vYmE=", "fooba" },
		{ "Zm9vYmFy", "foobar" },
		{ "+/+/", "\xfb\xff\xbf" },
		{ " Z m\r\n9\tv\n", "foo" },
		{ "Zg\n=\n=\n", "f" },
	};
	struct buffer out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer_clear(&out);
		buffer_add_text(&out, "before ");
		assert_int_equal(base64_decode(&out, rows[i].text,
				     strlen(rows[i].text)),
		    0);
		assert_int_equal(strlen(out.data), out.len);
		assert_string_equal(out.data + 7, rows[i].bytes);
	}
	buffer_free(&out);
}

static void
test_wrong(void **state)
{
	static const char *const rows[] = { "Z", "Zg", "Zg=", "Zm8",
		"Zg===", "=", "====", "Z===", "Zm9vZg", "Zg==Zg==", "Zm8=Zm9v",
		"Zm9=v", "Zh==", "Zm9=", "Zm-_", "Zm9v!",
		"data:text/plain;base64,Zm9v", "Zm9v\xc3\xa4" };
	struct buffer out = { 0 };
	size_t i;

	(void)state;
	buffer_add_text(&out, "before");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (base64_decode(&out, rows[i], strlen(rows[i])) == 0)
			fail_msg("taken: %s", rows[i]);
		assert_string_equal(out.data, "before");
	}
	assert_int_equal(base64_decode(&out, "Zm\0v", 4), -1);
	buffer_free(&out);
}

static void
test_lines(void **state)
{
	char bytes[1000];
	struct buffer lines = { 0 }, again = { 0 };
	size_t len, i, column;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 256);
	for (len = 0; len <= sizeof(bytes); len++) {
		buffer_clear(&lines);
		buffer_clear(&again);
		buffer_reserve(&lines, base64_lines_len(len));
		lines.len = base64_write_lines(lines.data, bytes, len);
		assert_int_equal(lines.len, base64_lines_len(len));
		for (i = column = 0; i < lines.len; i++) {
			column = lines.data[i] == '\n' ? 0 : column + 1;
			assert_in_range(column, 0, 77);
		}
		assert_int_equal(column, 0);
		assert_int_equal(lines.len,
		    (len + 2) / 3 * 4 + (len + 56) / 57 * 2);
		assert_int_equal(base64_decode(&again, lines.data, lines.len),
		    0);
		assert_int_equal(again.len, len);
		assert_memory_equal(again.data, bytes, len);
	}
	buffer_free(&lines);
	buffer_free(&again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
