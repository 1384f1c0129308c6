/* SPDX-License-Identifier: MIT */
/* unit.login: when there is one, in clear or not, and what is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "login.h"

static char none[] = "";
static char name[] = "me";
static char secret[] = "hunter2";

static void
test_exposed(void **state)
{
	static const struct {
		const char *host;
		enum smtp_tls mode;
		bool exposed;
	} rows[] = {
		{ "mx.example", SMTP_TLS_OFF, true },
		{ "mx.example", SMTP_TLS_OPPORTUNISTIC, false },
		{ "mx.example", SMTP_TLS_REQUIRED, false },
		{ "10.0.0.1", SMTP_TLS_OFF, true },
		{ "localhost", SMTP_TLS_OFF, false },
		{ "127.0.0.2", SMTP_TLS_OFF, false },
		{ "::1", SMTP_TLS_OFF, false },
	};
	struct config config = { .smtp_username = name };
	char host[32];
	size_t i;

	(void)state;
	config.smtp_host = host;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(host, sizeof(host), "%s", rows[i].host);
		config.smtp_tls = rows[i].mode;
		assert_int_equal(login_is_exposed(&config), rows[i].exposed);
	}
	config.smtp_username = none;
	config.smtp_tls = SMTP_TLS_OFF;
	snprintf(host, sizeof(host), "mx.example");
	assert_false(login_is_exposed(&config));
}

/* What is told after these lines, and whether it was refused. */
static void
assert_told(const char *token, const char *const *lines, bool refused,
    const char *part)
{
	const struct config config = { .smtp_username = name,
		.smtp_password = *token != '\0' ? none : secret,
		.smtp_token = *token != '\0' ? secret : none };
	struct buffer text = { 0 };
	struct ehlo ehlo = { 0 };

	for (; *lines != NULL; lines++)
		ehlo_take_line(&ehlo, *lines, strlen(*lines));
	login_explain(&text, &config, &ehlo);
	if (strstr(text.data, part) == NULL)
		fail_msg("%s", text.data);
	assert_null(strstr(text.data, secret));
	assert_int_equal(login_is_refused(&ehlo), refused);
	buffer_free(&text);
	ehlo_free(&ehlo);
}

static void
test_words(void **state)
{
	static const char *const nothing[] = { "220 mx", "250 mx", NULL };
	static const char *const other[] = { "220 mx", "250-mx",
		"250 AUTH GSSAPI NTLM", NULL };
	static const char *const refused[] = { "220 mx", "250-mx",
		"250 AUTH PLAIN", "334 ", "535 no", NULL };
	static const char *const challenged[] = { "220 mx", "250-mx",
		"250 AUTH XOAUTH2", "334 ", "334 eyJz", NULL };

	(void)state;
	assert_told("", nothing, false, "offers no AUTH");
	assert_told("", other, false, "AUTH GSSAPI NTLM; SMTP_AUTH");
	assert_told("", other, false, "ask for PLAIN or LOGIN");
	assert_told("token", other, false, "ask for OAUTHBEARER or XOAUTH2");
	assert_told("", refused, true, "refuses SMTP_USERNAME with SMTP_PASS");
	assert_told("token", challenged, true, "with SMTP_TOKEN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exposed),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
