/* SPDX-License-Identifier: MIT */
/* unit.frame: headers by length, and closes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"

static void
test_a_header_for_each_length(void **state)
{
	static const struct {
		size_t len;
		const char *header;
		size_t header_len;
	} rows[] = {
		{ 0, "\x81\x00", 2 },
		{ 125, "\x81\x7d", 2 },
		{ 126, "\x81\x7e\x00\x7e", 4 },
		{ 65535, "\x81\x7e\xff\xff", 4 },
		{ 65536, "\x81\x7f\0\0\0\0\0\1\0\0", 10 },
	};
	static char payload[65536];
	struct chunk *chunk;
	size_t i;

	(void)state;
	memset(payload, 'x', sizeof(payload));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		chunk = frame_new(FRAME_TEXT, false, payload, rows[i].len);
		assert_int_equal(chunk->len, rows[i].header_len + rows[i].len);
		assert_memory_equal(chunk->data, rows[i].header,
		    rows[i].header_len);
		assert_memory_equal(chunk->data + rows[i].header_len, payload,
		    rows[i].len);
		chunk_drop(chunk);
	}
}

static void
test_kinds(void **state)
{
	struct chunk *chunk = frame_new(FRAME_TEXT, true, "a", 1);

	(void)state;
	assert_memory_equal(chunk->data,
	    "\xc1\x01"
	    "a",
	    3);
	chunk_drop(chunk);
	chunk = frame_new(FRAME_PING, false, NULL, 0);
	assert_int_equal(chunk->len, 2);
	assert_memory_equal(chunk->data, "\x89\x00", 2);
	chunk_drop(chunk);
}

static void
test_closes(void **state)
{
	char why[200];
	struct chunk *chunk = frame_close(CLOSE_TOO_LARGE, "no");

	(void)state;
	assert_int_equal(chunk->len, 6);
	assert_memory_equal(chunk->data, "\x88\x04\x03\xf1no", 6);
	chunk_drop(chunk);
	memset(why, 'w', sizeof(why));
	why[sizeof(why) - 1] = '\0';
	chunk = frame_close(CLOSE_POLICY, why); /* a control frame's most */
	assert_int_equal(chunk->len, 2 + 125);
	assert_int_equal(chunk->data[1], 125);
	chunk_drop(chunk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_header_for_each_length),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
