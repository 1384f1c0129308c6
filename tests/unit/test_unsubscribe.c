/* SPDX-License-Identifier: MIT */
/* unit.unsubscribe: URLs that RFC 8058 takes, and others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unsubscribe.h"

static void
test_urls(void **state)
{
	static const char *const good[] = { "https://example.com/u?a=b&c=%20",
		"HTTPS://x", "https://user@[::1]:8443/~a/(b),c;d!*'#e" };
	static const char *const bad[] = { "", "https://", "http://example.com",
		"mailto:a@b.c", "https://a b", "https://a\r\nX: y",
		"https://a>, <b", "https://\xc3\xa4", "https://a\x7f" };
	char text[UNSUBSCRIBE_URL_MAX + 2] = "https://";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (unsubscribe_url_fault(good[i], strlen(good[i])) != NULL)
			fail_msg("%s is good", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (unsubscribe_url_fault(bad[i], strlen(bad[i])) == NULL)
			fail_msg("%s is not", bad[i]);
	memset(text + 8, 'x', sizeof(text) - 9);
	assert_null(unsubscribe_url_fault(text, UNSUBSCRIBE_URL_MAX));
	assert_non_null(unsubscribe_url_fault(text, UNSUBSCRIBE_URL_MAX + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_urls) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
