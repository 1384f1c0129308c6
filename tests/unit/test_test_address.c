/* SPDX-License-Identifier: MIT */
/* Which try of which address fails on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test_address.h"

static void
test_tries(void **state)
{
	static const struct {
		const char *to;
		int64_t attempt;
		bool simulated;
		enum outcome outcome;
	} rows[] = {
		{ "a@b.c", 1, false, OUTCOME__MAX },
		{ "error-1@email.com", 1, true, OUTCOME_DEFERRED },
		{ "error-1@email.com", 2, false, OUTCOME__MAX },
		{ "error@email.com", 1, true, OUTCOME_DEFERRED },
		{ "error@email.com", 2, true, OUTCOME_DEFERRED },
		{ "error@email.com", 3, true, OUTCOME_REJECTED },
		{ "error@email.com", 4, true, OUTCOME_REJECTED },
		{ "error@email.com.example", 1, false, OUTCOME__MAX },
	};
	enum outcome outcome;
	struct job job = { 0 };
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		outcome = OUTCOME__MAX;
		job_add_recipient(&job, rows[i].to, strlen(rows[i].to));
		assert_int_equal(test_address_outcome(&job, rows[i].attempt,
				     &outcome, text, sizeof(text)),
		    rows[i].simulated);
		assert_int_equal(outcome, rows[i].outcome);
		job_clear(&job);
	}
}

/* One that is settled already does not make the mail fail again. */
static void
test_settled(void **state)
{
	enum outcome outcome;
	struct job job = { 0 };
	char text[128];

	(void)state;
	job_add_recipient(&job, "error@email.com", 15);
	job_add_recipient(&job, "a@b.c", 5);
	assert_true(
	    test_address_outcome(&job, 1, &outcome, text, sizeof(text)));
	assert_non_null(strstr(text, "error@email.com"));
	job.recipients[0].state = RECIPIENT_REFUSED;
	assert_false(
	    test_address_outcome(&job, 1, &outcome, text, sizeof(text)));
	job_clear(&job);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tries),
		cmocka_unit_test(test_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
