/* SPDX-License-Identifier: MIT */
/* unit.domain_list: what a list of domains has, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain_list.h"

static void
test_normal_form(void **state)
{
	static const struct {
		const char *text, *normal; /* NULL: no list */
	} rows[] = {
		{ "", "" },
		{ " , ", "" },
		{ "example.com", "example.com" },
		{ "Example.COM,*.Example.org ", "example.com *.example.org" },
		{ "b\xc3\xbc"
		  "cher.example",
		    "xn--bcher-kva.example" },
		{ "localhost", "localhost" },
		{ "*", NULL },
		{ "*.", NULL },
		{ "*example.com", NULL },
		{ "a@example.com", NULL },
		{ "example..com", NULL },
		{ "example.com;example.org", NULL },
		{ "192.0.2.1", NULL },
	};
	struct buffer out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer_clear(&out);
		if (rows[i].normal == NULL) {
			assert_non_null(
			    domain_list_normalize(&out, rows[i].text));
			continue;
		}
		assert_null(domain_list_normalize(&out, rows[i].text));
		assert_string_equal(out.len > 0 ? out.data : "",
		    rows[i].normal);
	}
	buffer_free(&out);
}

static void
test_has(void **state)
{
	static const struct {
		const char *list, *domain;
		bool has;
	} rows[] = {
		{ "", "example.com", true },
		{ "example.com", "example.com", true },
		{ "example.com", "a.example.com", false },
		{ "example.com", "aexample.com", false },
		{ "example.com", "example.co", false },
		{ "*.example.com", "a.example.com", true },
		{ "*.example.com", "b.a.example.com", true },
		{ "*.example.com", "example.com", false },
		{ "*.example.com", "aexample.com", false },
		{ "*.example.com", ".example.com", false },
		{ "a.b example.com *.c.d", "example.com", true },
		{ "a.b example.com *.c.d", "x.c.d", true },
		{ "a.b example.com *.c.d", "b.example.com", false },
		{ "example.com", "", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(domain_list_has(rows[i].list, rows[i].domain),
		    rows[i].has);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normal_form),
		cmocka_unit_test(test_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
