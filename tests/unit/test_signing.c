/* SPDX-License-Identifier: MIT */
/* unit.signing: which From domains have a key, as workers have told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signing.h"

static void
test_nobody_signs(void **state)
{
	struct signing *signing = signing_new();

	(void)state;
	assert_true(signing_covers(signing, "a.example"));
	signing_learn(signing, "b.example");
	assert_false(signing_covers(signing, "a.example"));
	signing_learn(signing, "");
	assert_true(signing_covers(signing, "a.example"));
	signing_learn(signing, " ");
	assert_true(signing_covers(signing, "a.example"));
	signing_free(signing);
}

static void
test_domains(void **state)
{
	static const struct {
		const char *domain;
		bool covered;
	} rows[] = {
		{ "z.example", true },
		{ "a.example", true },
		{ "news.a.example", true },
		{ "x.news.a.example", true },
		{ "m.b.example", true },
		{ "b.example", false }, /* above one that has a key */
		{ "ba.example", false },
		{ "example", false },
		{ "a.example.org", false },
		{ "", false },
	};
	struct signing *signing = signing_new();
	size_t i;

	(void)state;
	signing_learn(signing, "z.example m.b.example  a.example a.example ");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (signing_covers(signing, rows[i].domain) != rows[i].covered)
			fail_msg("%s", rows[i].domain);
	signing_free(signing);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_signs),
		cmocka_unit_test(test_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
