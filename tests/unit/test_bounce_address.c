/* SPDX-License-Identifier: MIT */
/* unit.bounce_address: the id in the address, as far as there is room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bounce_address.h"

#define ID "0197bd2c-7a41-7c3e-9d0a-5f0e6b1c2d3e" /* 36 bytes */

static void
check(const char *address, const char *id, const char *expected)
{
	struct buffer out = { 0 };

	bounce_address_add(&out, address, id);
	assert_string_equal(out.data, expected);
	buffer_free(&out);
}

static void
test_addresses(void **state)
{
	(void)state;
	check("bounces@example.com", ID, "bounces+" ID "@example.com");
	check("a+b@example.com", "x", "a+b+x@example.com");
	/* A local part has 64 bytes. */
	check("123456789012345678901234567@b.c", ID,
	    "123456789012345678901234567+" ID "@b.c");
	check("1234567890123456789012345678@b.c", ID,
	    "1234567890123456789012345678@b.c");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_addresses) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
