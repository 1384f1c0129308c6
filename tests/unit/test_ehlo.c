/* SPDX-License-Identifier: MIT */
/* unit.ehlo: what counts of what a relay says before the first MAIL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ehlo.h"

static void
say(struct ehlo *ehlo, const char *const *lines)
{
	for (; *lines != NULL; lines++)
		ehlo_take_line(ehlo, *lines, strlen(*lines));
}

static void
test_offers(void **state)
{
	static const char *const lines[] = { "220 mx ESMTP\r\n", "250-mx\r\n",
		"250-pipelining\r\n", "250-SIZE 1000\r\n", "250 8BITMIME\r\n",
		NULL };
	struct ehlo ehlo = { 0 };

	(void)state;
	say(&ehlo, lines);
	assert_int_equal(ehlo.stage, EHLO_OFFERED);
	assert_int_equal(ehlo.keywords,
	    EHLO_PIPELINING | EHLO_SIZE | EHLO_8BITMIME);
	assert_int_equal(ehlo.size_max, 1000);
	assert_false(ehlo.starttls);
	ehlo_free(&ehlo);
}

static void
test_size(void **state)
{
	static const struct {
		const char *line;
		size_t size_max;
	} rows[] = {
		{ "250 SIZE", 0 },
		{ "250 SIZE 0", 0 },
		{ "250 size 7\r\n", 7 },
		{ "250 SIZE 52428800", 52428800 },
		{ "250 SIZE x", 0 },
		{ "250 SIZE -1", 0 },
		{ "250 SIZE 99999999999999999999999", 0 },
	};
	struct ehlo ehlo = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ehlo_take_line(&ehlo, "220 mx", 6);
		assert_int_equal(ehlo.size_max, 0);
		ehlo_take_line(&ehlo, rows[i].line, strlen(rows[i].line));
		assert_int_equal(ehlo.keywords, EHLO_SIZE);
		assert_int_equal(ehlo.size_max, rows[i].size_max);
	}
	ehlo_free(&ehlo);
}

static void
test_words_that_only_look_like_it(void **state)
{
	static const char *const lines[] = { "220 mx\r\n", "250-mx\r\n",
		"250-XPIPELINING\r\n", "250-PIPELININGX\r\n", "250-\r\n",
		"250\r\n", "2\r\n", "\r\n", "", NULL };
	struct ehlo ehlo = { 0 };

	(void)state;
	say(&ehlo, lines);
	assert_int_equal(ehlo.keywords, 0);
	ehlo_free(&ehlo);
}

/* RFC 3207 4.2 */
static void
test_forgets_what_was_before_tls(void **state)
{
	static const char *const plain[] = { "220 mx\r\n", "250-mx\r\n",
		"250-PIPELINING\r\n", "250 STARTTLS\r\n", NULL };
	static const char *const tls[] = { "220 2.0.0 Ready\r\n", NULL };
	static const char *const again[] = { "250-mx\r\n", "250 SMTPUTF8\r\n",
		NULL };
	struct ehlo ehlo = { 0 };

	(void)state;
	say(&ehlo, plain);
	assert_int_equal(ehlo.keywords, EHLO_PIPELINING | EHLO_STARTTLS);
	say(&ehlo, tls);
	assert_true(ehlo.starttls);
	assert_int_equal(ehlo.keywords, 0);
	say(&ehlo, again);
	assert_int_equal(ehlo.keywords, EHLO_SMTPUTF8);
	assert_true(ehlo.starttls);
	ehlo_free(&ehlo);
}

static void
test_login(void **state)
{
	static const char *const plain[] = { "220 mx\r\n", "250-mx\r\n",
		"250-STARTTLS\r\n", "250 AUTH=PLAIN\r\n", NULL };
	static const char *const offer[] = { "220-2.0.0 Ready\r\n",
		"220 2.0.0 set\r\n", "250-mx\r\n", "250-AUTH PLAIN X\x01\r\n",
		"250 DSN\r\n", NULL };
	static const char *const refused[] = { "334\r\n", "535 no\r\n", NULL };
	static const char *const done[] = { "235 2.7.0 in\r\n", NULL };
	struct ehlo ehlo = { 0 };

	(void)state;
	say(&ehlo, plain);
	assert_int_equal(ehlo.keywords, EHLO_STARTTLS);
	assert_int_equal(ehlo.mechanisms.len, 0);
	say(&ehlo, offer);
	assert_true(ehlo.starttls);
	assert_int_equal(ehlo.keywords, EHLO_DSN);
	assert_string_equal(ehlo.mechanisms.data, "PLAIN X?");
	say(&ehlo, refused);
	assert_string_equal(ehlo.refusal.data, "535 no");
	assert_true(ehlo.challenged);
	assert_false(ehlo.logged_in);
	say(&ehlo, done);
	assert_int_equal(ehlo.refusal.len, 0);
	assert_true(ehlo.logged_in);
	ehlo_free(&ehlo);
}

static void
test_refusals(void **state)
{
	static const char *const lines[] = { "554-5.7.1 go\r\n",
		"554 5.7.1 away\x01\r\n", NULL };
	struct ehlo ehlo = { 0 };
	int i;

	(void)state;
	say(&ehlo, lines);
	assert_string_equal(ehlo.refusal.data, "554-5.7.1 go 554 5.7.1 away?");
	for (i = 0; i < 1000; i++)
		say(&ehlo, lines);
	assert_true(ehlo.refusal.len < EHLO_REFUSAL_MAX);
	ehlo_free(&ehlo);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_words_that_only_look_like_it),
		cmocka_unit_test(test_forgets_what_was_before_tls),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
