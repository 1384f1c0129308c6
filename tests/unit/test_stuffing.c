/* SPDX-License-Identifier: MIT */
/*
 * unit.stuffing: every room from two bytes on gives the same bytes, and taking
 * the dots away again gives the message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buffer.h"
#include "stuffing.h"

static void
stuff(struct buffer *out, const char *message, size_t len, size_t room)
{
	const struct composed composed = { .text = { (char *)message, len,
					       len } };
	struct stuffing stuffing;
	char *piece = malloc(room);
	size_t n;

	stuffing_begin(&stuffing, &composed);
	while (!stuffing_is_done(&stuffing)) {
		n = stuffing_fill(&stuffing, piece, room);
		assert_in_range(n, 1, room);
		buffer_add(out, piece, n);
	}
	free(piece);
}

static void
test_table(void **state)
{
	static const struct {
		const char *message, *stuffed;
	} cases[] = {
		{ "", "" },
		{ "a\r\n", "a\r\n" },
		{ ".\r\n", "..\r\n" },
		{ "..\r\n", "...\r\n" },
		{ "a.b\r\n", "a.b\r\n" },
		{ "a\r\n.\r\n.b\r\n", "a\r\n..\r\n..b\r\n" },
		{ "a\r\n\r\n.\r\n\r\n", "a\r\n\r\n..\r\n\r\n" },
	};
	struct buffer out = { 0 };
	size_t i, room;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (room = 2; room < 20; room++) {
			buffer_clear(&out);
			stuff(&out, cases[i].message, strlen(cases[i].message),
			    room);
			assert_int_equal(out.len, strlen(cases[i].stuffed));
			if (out.len > 0)
				assert_memory_equal(out.data, cases[i].stuffed,
				    out.len);
		}
	buffer_free(&out);
}

/* As RFC 5321 4.5.2 says that a receiver does. */
static void
unstuff(struct buffer *out, const struct buffer *in)
{
	size_t i;

	for (i = 0; i < in->len; i++)
		if (in->data[i] != '.' || (i > 0 && in->data[i - 1] != '\n'))
			buffer_add(out, in->data + i, 1);
		else if (i + 1 < in->len)
			buffer_add(out, in->data + ++i, 1);
}

static void
test_sizes_around_pieces(void **state)
{
	static const char lines[] = ".\r\n..\r\n.abc\r\nd.e\r\n\r\n";
	struct buffer message = { 0 }, stuffed = { 0 }, back = { 0 };
	size_t len;

	(void)state;
	while (message.len < 16400)
		buffer_add(&message, lines, sizeof(lines) - 1);
	for (len = 16300; len < 16400; len++) {
		buffer_clear(&stuffed);
		buffer_clear(&back);
		stuff(&stuffed, message.data, len, 16384 - 5);
		unstuff(&back, &stuffed);
		assert_int_equal(back.len, len);
		assert_memory_equal(back.data, message.data, len);
	}
	buffer_free(&message);
	buffer_free(&stuffed);
	buffer_free(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_sizes_around_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
