/* SPDX-License-Identifier: MIT */
/* unit.origin: which pages may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "origin.h"

static bool
may(const char *allowed, const char *origin, const char *host)
{
	struct http_text origin_text = { origin, 0 }, host_text = { host, 0 };

	if (origin != NULL)
		origin_text.len = strlen(origin);
	if (host != NULL)
		host_text.len = strlen(host);
	return origin_is_allowed(allowed, origin != NULL ? &origin_text : NULL,
	    host != NULL ? &host_text : NULL);
}

static void
test_who_may(void **state)
{
	(void)state;
	assert_true(may("", NULL, "h")); /* no browser */
	assert_true(may("", "https://h", "h"));
	assert_true(may("", "http://H:81", "h:81"));
	assert_true(may("*", "null", "h"));
	assert_true(may("https://a", "https://A", "h"));
	assert_true(may("https://a,https://b", "https://b", NULL));
}

static void
test_who_may_not(void **state)
{
	(void)state;
	assert_false(may("", "", "h"));
	assert_false(may("", "null", "h"));
	assert_false(may("", "https://", ""));
	assert_false(may("", "https://h:81", "h"));
	assert_false(may("", "https://h", NULL));
	assert_false(may("", "h", "h"));
	assert_false(may("", "https://x.h", "h"));
	assert_false(may("", "https://h.x", "h"));
	assert_false(may("https://a", "https://a.b", "h"));
	assert_false(may("https://a", "https://", "h"));
	assert_false(may("https://a,https://b", "https://a,https://b", "h"));
	assert_false(may("https://a,https://b", "", "h"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_may),
		cmocka_unit_test(test_who_may_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
