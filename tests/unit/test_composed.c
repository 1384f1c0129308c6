/* SPDX-License-Identifier: MIT */
/* unit.composed: text and files, in their order and of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../flatten.h"
#include "base64.h"
#include "stuffing.h"

#define TEXT ".first\r\n"

static char bytes[2000];

static void
add(struct composed *composed, struct buffer *expected, size_t len)
{
	const size_t lines = base64_lines_len(len);

	buffer_add_text(&composed->text, TEXT);
	buffer_add_text(expected, TEXT);
	composed_add_file(composed, bytes, len);
	buffer_reserve(expected, lines);
	expected->len +=
	    base64_write_lines(expected->data + expected->len, bytes, len);
}

static void
assert_reads(const struct composed *composed, const struct buffer *expected)
{
	struct buffer flat = { 0 };

	flatten(composed, &flat);
	assert_int_equal(composed_len(composed), expected->len);
	assert_int_equal(flat.len, expected->len);
	assert_memory_equal(flat.data, expected->data, flat.len);
	buffer_free(&flat);
}

static void
test_files(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 56, 57, 58, 171, 172,
		sizeof(bytes) };
	struct composed composed = { 0 };
	struct buffer expected = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(composed_len(&composed), 0);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		add(&composed, &expected, sizes[i]);
		assert_reads(&composed, &expected);
	}
	composed_add_file(&composed, bytes, 7); /* one right behind another */
	buffer_reserve(&expected, base64_lines_len(7));
	expected.len +=
	    base64_write_lines(expected.data + expected.len, bytes, 7);
	assert_reads(&composed, &expected);
	composed_free(&composed);
	assert_int_equal(composed_len(&composed), 0);
	buffer_free(&expected);
}

static void
test_prepend_and_cut(void **state)
{
	struct composed composed = { 0 };
	struct buffer expected = { 0 };
	size_t start;

	(void)state;
	buffer_add_text(&expected, "before");
	add(&composed, &expected, 100);
	composed_prepend(&composed, "before", 6);
	assert_reads(&composed, &expected);
	start = composed.text.len;
	buffer_add_text(&composed.text, "x");
	composed_add_file(&composed, bytes, 10);
	composed_cut(&composed, start);
	assert_reads(&composed, &expected);
	assert_int_equal(composed_size(&composed), composed.text.size + 100);
	composed_free(&composed);
	buffer_free(&expected);
}

/* Whole lines of base64 in whatever room there is, text stuffed around them. */
static void
test_stuffed(void **state)
{
	struct composed composed = { 0 };
	struct buffer expected = { 0 }, out = { 0 };
	struct stuffing stuffing;
	char piece[3 * COMPOSED_LINE];
	size_t room, n;

	(void)state;
	buffer_add_text(&expected, ".");
	add(&composed, &expected, sizeof(bytes));
	buffer_add_text(&expected, ".");
	add(&composed, &expected, 58);
	buffer_add_text(&composed.text, ".");
	buffer_add_text(&expected, "..");
	for (room = COMPOSED_LINE; room <= sizeof(piece); room++) {
		buffer_clear(&out);
		stuffing_begin(&stuffing, &composed);
		while (!stuffing_is_done(&stuffing)) {
			n = stuffing_fill(&stuffing, piece, room);
			assert_in_range(n, 1, room);
			buffer_add(&out, piece, n);
		}
		assert_false(stuffing.line_start);
		assert_int_equal(out.len, expected.len);
		assert_memory_equal(out.data, expected.data, out.len);
	}
	composed_free(&composed);
	buffer_free(&expected);
	buffer_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_prepend_and_cut),
		cmocka_unit_test(test_stuffed),
	};
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 256);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
