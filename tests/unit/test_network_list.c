/* SPDX-License-Identifier: MIT */
/* unit.network_list: which addresses are in it, and what is no list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "network_list.h"

static void
test_lists(void **state)
{
	static const struct {
		const char *text, *normal; /* NULL: no list */
	} rows[] = {
		{ "", "" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.0/24,2001:db8::/32", "192.0.2.0/24 2001:db8::/32" },
		{ " 0.0.0.0/0 ", "0.0.0.0/0" },
		{ "::/0", "::/0" },
		{ "192.0.2.1/24", NULL },
		{ "192.0.2.0/33", NULL },
		{ "2001:db8::/129", NULL },
		{ "2001:db8::1/64", NULL },
		{ "192.0.2.0/", NULL },
		{ "192.0.2.0/ 8", NULL },
		{ "192.0.2.0/-1", NULL },
		{ "192.0.2.0/8x", NULL },
		{ "192.0.2", NULL },
		{ "localhost", NULL },
	};
	struct buffer out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer_clear(&out);
		if (rows[i].normal == NULL) {
			assert_non_null(
			    network_list_normalize(&out, rows[i].text));
			continue;
		}
		assert_null(network_list_normalize(&out, rows[i].text));
		assert_string_equal(out.len > 0 ? out.data : "",
		    rows[i].normal);
	}
	buffer_free(&out);
}

static void
test_has(void **state)
{
	static const struct {
		const char *list, *address;
		bool has;
	} rows[] = {
		{ "", "192.0.2.1", true },
		{ "", NULL, true },
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/25", "192.0.2.127", true },
		{ "192.0.2.0/25", "192.0.2.128", false },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "192.0.2.0/24", "::ffff:192.0.2.9", true },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false },
		{ "10.0.0.0/8 192.0.2.0/24", "192.0.2.1", true },
		{ "192.0.2.0/24", NULL, false },
		{ "192.0.2.0/24", "", false },
		{ "192.0.2.0/24", "unix", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(network_list_has(rows[i].list,
				     rows[i].address),
		    rows[i].has);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
