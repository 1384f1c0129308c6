/* SPDX-License-Identifier: MIT */
/* unit.traceparent: what is a context, by the examples of W3C's text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_its_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
