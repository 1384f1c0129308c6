/* SPDX-License-Identifier: MIT */
/* unit.lint: From domains and the edges; the rest is unit.submission's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lint.h"

static void
check(const struct job *job, struct signing *signing, const char *fields)
{
	struct lint lint = { .signing = signing };

	lint_mail(job, &lint, &lint.warnings);
	assert_int_equal(lint.warnings.count, fields[0] != '\0');
	if (fields[0] != '\0')
		assert_int_equal(strncmp(lint.warnings.summary.data, fields,
				     strlen(fields)),
		    0);
	faults_free(&lint.warnings);
}

static void
test_sender(void **state)
{
	struct signing *signing = signing_new();
	char domain[] = "a@news.example.com", other[] = "a@example.org";
	char subject[] = "s", body[] = "b";
	struct job job = { .subject = subject, .body = body, .body_len = 1 };

	(void)state;
	job.from.address = other;
	check(&job, NULL, "");
	check(&job, signing, ""); /* nobody signs */
	signing_learn(signing, "example.com");
	check(&job, signing, "from is of a domain without a DKIM key");
	job.from.address = domain;
	check(&job, signing, "");
	job.from.address = NULL; /* SMTP_FROM: the worker looks at it */
	check(&job, signing, "");
	signing_free(signing);
}

static void
test_edges(void **state)
{
	static char subject[LINT_SUBJECT_MAX + 2];
	char body[] = "b", html[] = "h";
	struct job job = { .subject = subject, .body = body, .body_len = 1 };

	(void)state;
	memset(subject, 's', LINT_SUBJECT_MAX);
	check(&job, NULL, "");
	subject[LINT_SUBJECT_MAX] = 's';
	check(&job, NULL, "subject has more than 200 bytes");
	subject[1] = '\0';
	job.extras = extras_new();
	job.extras->html = html;
	job.extras->html_len = (size_t)LINT_HTML_KB * 1024;
	check(&job, NULL, "");
	job.extras->html_len++;
	check(&job, NULL, "html has more than 102 KiB");
	job.extras->html = NULL;
	extras_free(job.extras);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
