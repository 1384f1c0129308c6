/* SPDX-License-Identifier: MIT */
/* unit.nearest: what somebody meant to write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nearest.h"

static void
test_table(void **state)
{
	static const char *const names[] = { "to", "subject", "body", "text",
		"from" };
	static const struct {
		const char *word, *meant; /* NULL: nothing near */
	} rows[] = {
		{ "subjcet", "subject" },
		{ "Subject", "subject" },
		{ "sub", NULL },
		{ "subjekt", "subject" },
		{ "subjects", "subject" },
		{ "boddy", "body" },
		{ "bdoy", "body" },
		{ "txt", "text" },
		{ "form", "from" },
		{ "To", "to" },
		{ "tos", "to" },
		{ "attachments", NULL },
		{ "x", NULL },
		{ "", NULL },
		{ "subjectsubjectsubjectsubjectsubjectsubject", NULL },
		{ "\xc3\xbc", NULL },
	};
	const char *nearest;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		nearest =
		    nearest_name(rows[i].word, strlen(rows[i].word), names, 5);
		if (rows[i].meant == NULL && nearest != NULL)
			fail_msg("%s: %s", rows[i].word, nearest);
		if (rows[i].meant != NULL) {
			assert_non_null(nearest);
			assert_string_equal(nearest, rows[i].meant);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_table) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
