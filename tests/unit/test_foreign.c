/* SPDX-License-Identifier: MIT */
/* unit.foreign: what is told of fields and paths that others have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "foreign.h"

static void
test_fields(void **state)
{
	static const struct {
		const char *name, *told;
	} rows[] = {
		{ "template",
		    "template is not taken: Postrider keeps no templates" },
		{ "topic_id",
		    "topic_id is not taken: Postrider keeps no topics" },
		{ "repy_to", "repy_to is not a field: did you mean reply_to?" },
		{ "zzzzzzzz", "zzzzzzzz is not a field" },
		{ "", "The request has a field without a name" },
	};
	struct faults faults;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		faults = (struct faults){ 0 };
		foreign_field_tell(&faults, rows[i].name, strlen(rows[i].name));
		assert_int_equal(faults.count, 1);
		if (strncmp(faults.summary.data, rows[i].told,
			strlen(rows[i].told)) != 0)
			fail_msg("%s", faults.summary.data);
		faults_free(&faults);
	}
}

static void
test_paths(void **state)
{
	static const char *const theirs[] = { "/api/domains",
		"/api/domains/x/verify", "/api/emails/receiving",
		"/api/emails/receiving/x/attachments", "/api/oauth/grants" };
	static const char *const others[] = { "", "/", "/domains", "/api",
		"/api/", "/api/emails", "/api/domainsx", "/api/emails/x",
		"/apix/domains" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
		assert_non_null(
		    strstr(foreign_path_fault(theirs[i]), "docs/clients.md"));
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_null(foreign_path_fault(others[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
