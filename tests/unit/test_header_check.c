/* SPDX-License-Identifier: MIT */
/* unit.header_check: which headers a request has twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "header_check.h"

static const struct {
	const char *envp[4];
	const char *summary; /* NULL: fine */
} rows[] = {
	{ { NULL }, NULL },
	{ { "HTTP_AUTHORIZATION=Bearer a", "HTTP_IDEMPOTENCY_KEY=a,b" }, NULL },
	{ { "HTTP_AUTHORIZATION=Bearer a", "HTTP_AUTHORIZATION=Bearer a" },
	    "Authorization must come only once" },
	{ { "HTTP_AUTHORIZATION=", "CONTENT_LENGTH=2", "HTTP_AUTHORIZATION=" },
	    "Authorization must come only once" },
	{ { "HTTP_AUTHORIZATION=Bearer a, Bearer b" },
	    "Authorization must come only once" },
	{ { "HTTP_AUTHORIZATION=Basic YQ==, Bearer b" },
	    "Authorization must come only once" },
	{ { "HTTP_AUTHORIZATION=Bearer a, b" },
	    "Authorization must come only once" },
	{ { "HTTP_AUTHORIZATION=Digest username=\"u\", qop=auth, nc=01" },
	    NULL },
	{ { "HTTP_AUTHORIZATION=Digest username=\"u\", qop=auth, Bearer b" },
	    "Authorization must come only once" },
	{ { "HTTP_IDEMPOTENCY_KEY=a, b" },
	    "Idempotency-Key must come only once" },
	{ { "HTTP_IDEMPOTENCY_KEY=a", "HTTP_IDEMPOTENCY_KEY=b" },
	    "Idempotency-Key must come only once" },
	{ { "CONTENT_LENGTH=2", "HTTP_CONTENT_LENGTH=2" }, NULL },
	{ { "CONTENT_LENGTH=2", "CONTENT_LENGTH=2" },
	    "Content-Length must come only once" },
	{ { "CONTENT_TYPE=a", "CONTENT_TYPE_X=b", "CONTENT_TYPE" }, NULL },
	{ { "CONTENT_TYPE=a", "HTTP_ACCEPT=a, b", "CONTENT_TYPE=a" },
	    "Content-Type must come only once" },
	{ { "HTTP_IDEMPOTENCY_KEY=a, b", "HTTP_AUTHORIZATION=a, b" },
	    "Authorization must come only once; "
	    "Idempotency-Key must come only once" },
};

static void
test_rows(void **state)
{
	struct faults faults = { 0 };
	const char *summary;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		header_check((char *const *)rows[i].envp, &faults);
		summary = faults.count > 0 ? faults.summary.data : "";
		if (strcmp(summary,
			rows[i].summary != NULL ? rows[i].summary : "") != 0)
			fail_msg("row %zu: '%s'", i, summary);
		faults_free(&faults);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
