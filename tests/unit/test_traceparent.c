/* SPDX-License-Identifier: MIT */
/* unit.traceparent: what is a context, by the examples of W3C's text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "traceparent.h"

#define ID "4bf92f3577b34da6a3ce929d0e0e4736"
#define GOOD "00-" ID "-00f067aa0ba902b7-01"

static void
test_read(void **state)
{
	static const struct {
		const char *text, *read;
	} rows[] = {
		{ GOOD, GOOD },
		{ "00-" ID "-00f067aa0ba902b7-00",
		    "00-" ID "-00f067aa0ba902b7-00" },
		{ "01-" ID "-00f067aa0ba902b7-01", GOOD },
		{ "01-" ID "-00f067aa0ba902b7-01-more", GOOD },
		{ "01-" ID "-00f067aa0ba902b7-01more", "" },
		{ "ff-" ID "-00f067aa0ba902b7-01", "" }, { GOOD "-more", "" },
		{ NULL, "" }, { "", "" }, { "00", "" },
		{ "00-" ID "-00f067aa0ba902b7-0", "" },
		{ "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		    "" },
		{ "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		    "" },
		{ "00-" ID "-0000000000000000-01", "" },
		{ "00-" ID "-00f067aa0ba902b7-0x", "" },
		{ "0x-" ID "-00f067aa0ba902b7-01", "" },
		{ "00_" ID "-00f067aa0ba902b7-01", "" },
		{ "00-" ID "_00f067aa0ba902b7-01", "" },
		{ "00-" ID "-00f067aa0ba902b7_01", "" },
		{ GOOD ", " GOOD, "" }, /* it came twice */
	};
	char read[TRACEPARENT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		traceparent_read(read, rows[i].text);
		assert_string_equal(read, rows[i].read);
	}
}

static void
test_its_trace(void **state)
{
	(void)state;
	assert_string_equal(traceparent_id(GOOD), ID);
	assert_null(traceparent_id(""));
}

static void
test_states(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
		{ "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", true },
		{ "a=1 , b=2\t", true },
		{ "a=1,,b=2", true }, /* an empty one may be there */
		{ "fw529a3039@dt=FfD5f3_*/-", true },
		{ "0a=1", true },
		{ "a= x", true }, /* a blank may begin a value */
		{ "", false },
		{ "a", false },
		{ "a=", false },
		{ "=1", false },
		{ "A=1", false },
		{ "a b=1", false },
		{ "a=b=c", false },
		{ "a=\x7f", false },
		{ "a=\xc3\xa9", false },
		{ "a=1\r\nb=2", false },
	};
	char many[33 * 4 + 1] = "", large[TRACESTATE_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (tracestate_is_valid(rows[i].text) != rows[i].valid)
			fail_msg("%s", rows[i].text);
	for (i = 0; i < 32; i++)
		memcpy(many + 4 * i, "a=1,", 5);
	many[32 * 4 - 1] = '\0';
	assert_true(tracestate_is_valid(many));
	many[32 * 4 - 1] = ',';
	memcpy(many + 32 * 4, "b=1", 4);
	assert_false(tracestate_is_valid(many));
	memset(large, 'x', sizeof(large));
	memcpy(large, "a=", 2);
	large[2 + 256] = '\0';
	assert_true(tracestate_is_valid(large));
	large[2 + 256] = 'x';
	large[2 + 257] = '\0';
	assert_false(tracestate_is_valid(large));
	large[2 + 257] = 'x';
	memcpy(large + 200, ",b=", 3);
	large[TRACESTATE_MAX] = '\0';
	memcpy(large + 400, ",c=", 3);
	assert_true(tracestate_is_valid(large));
	large[TRACESTATE_MAX] = 'x';
	large[TRACESTATE_MAX + 1] = '\0';
	assert_false(tracestate_is_valid(large));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_its_trace),
		cmocka_unit_test(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
