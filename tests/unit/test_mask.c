/* SPDX-License-Identifier: MIT */
/* unit.mask: addresses lose their local part, other text stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mask.h"

static void
test_addresses_are_masked_wherever_they_stand(void **state)
{
	static const struct {
		const char *text, *masked;
	} rows[] = {
		{ "", "" },
		{ "no address", "no address" },
		{ "ann@example.com", "a***@example.com" },
		{ "550 5.1.1 <ann.b@example.com>: unknown",
		    "550 5.1.1 <a***@example.com>: unknown" },
		{ "to=ann@example.com,bob@example.org",
		    "to=a***@example.com,b***@example.org" },
		{ "\"ann b\"@example.com gone", "***@example.com gone" },
		{ "zo\xc3\xab@example.com", "z***@example.com" },
		{ "\xc3\xab@example.com", "***@example.com" },
		{ "@example.com", "@example.com" },
		{ "a@b@c", "a***@b***@c" },
		{ "@", "@" },
		{ "\"@x", "***@x" },
	};
	struct buffer out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer_clear(&out);
		mask_addresses(&out, rows[i].text);
		assert_string_equal(out.data, rows[i].masked);
	}
	buffer_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_are_masked_wherever_they_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
