/* SPDX-License-Identifier: MIT */
/* unit.tls: what is said of TLS that failed, and whether a person must look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tls.h"

static char none[] = "";
static char host[] = "mx.example";
static char name[] = "me";
static char ca[] = "/etc/ca.pem";

static void
assert_told(enum smtp_tls mode, const struct tls_failure *failure, bool broken,
    const char *part)
{
	const struct config config = { .smtp_tls = mode,
		.smtp_host = host,
		.smtp_username = mode == SMTP_TLS_OPPORTUNISTIC ? name : none,
		.smtp_ca = mode == SMTP_TLS_IMPLICIT ? ca : none };
	struct buffer text = { 0 };

	assert_int_equal(tls_explain(&text, &config, failure), broken);
	if (strstr(text.data, part) == NULL)
		fail_msg("%s", text.data);
	buffer_free(&text);
}

static void
test_words(void **state)
{
	static const struct {
		enum smtp_tls mode;
		struct tls_failure failure;
		bool broken;
		const char *part;
	} rows[] = {
		{ SMTP_TLS_REQUIRED, { CURLE_USE_SSL_FAILED, "", false, 0, 0 },
		    true, "does not offer STARTTLS, which SMTP_TLS=required" },
		{ SMTP_TLS_REQUIRED, { CURLE_USE_SSL_FAILED, "", true, 0, 0 },
		    true, "refuses STARTTLS, which" },
		{ SMTP_TLS_OPPORTUNISTIC,
		    { CURLE_USE_SSL_FAILED, "", false, 0, 0 }, true,
		    "without which no login is sent" },
		{ SMTP_TLS_REQUIRED,
		    { CURLE_PEER_FAILED_VERIFICATION, "", false, 10, 0 }, true,
		    "has expired" },
		{ SMTP_TLS_REQUIRED,
		    { CURLE_PEER_FAILED_VERIFICATION, "", false, 20, 0 }, true,
		    "by a CA that this host trusts" },
		{ SMTP_TLS_IMPLICIT,
		    { CURLE_PEER_FAILED_VERIFICATION, "", false, 19, 0 }, true,
		    "by a CA that SMTP_CA trusts" },
		{ SMTP_TLS_REQUIRED,
		    { CURLE_PEER_FAILED_VERIFICATION, "odd", false, 99, 0 },
		    true, "odd" },
		{ SMTP_TLS_REQUIRED,
		    { CURLE_PEER_FAILED_VERIFICATION, "", false, 0,
			"DNS:a.example\x1b" },
		    true, "is for DNS:a.example?, not for SMTP_HOST mx.exam" },
		{ SMTP_TLS_REQUIRED,
		    { CURLE_SSL_CONNECT_ERROR, "tlsv1 alert protocol version",
			false, 0, 0 },
		    true, "no TLS 1.2 or newer" },
		{ SMTP_TLS_IMPLICIT,
		    { CURLE_SSL_CONNECT_ERROR, "wrong version number", false, 0,
			0 },
		    true, "from the first byte" },
		{ SMTP_TLS_REQUIRED,
		    { CURLE_SSL_CONNECT_ERROR, "SSL_ERROR_SYSCALL", false, 0,
			0 },
		    false, "ended the connection during the handshake" },
		{ SMTP_TLS_REQUIRED,
		    { CURLE_OPERATION_TIMEDOUT, "in time", false, 0, 0 }, false,
		    "in time" },
		{ SMTP_TLS_REQUIRED,
		    { CURLE_SSL_CACERT_BADFILE, "bad file", false, 0, 0 }, true,
		    "install the package ca-certificates" },
		{ SMTP_TLS_IMPLICIT,
		    { CURLE_SSL_CACERT_BADFILE, "bad file", false, 0, 0 }, true,
		    "SMTP_CA cannot be used: bad file" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_told(rows[i].mode, &rows[i].failure, rows[i].broken,
		    rows[i].part);
}

static void
test_optional(void **state)
{
	struct config config = { .smtp_tls = SMTP_TLS_OPPORTUNISTIC,
		.smtp_username = none };

	(void)state;
	assert_true(tls_is_optional(&config));
	config.smtp_username = name; /* a login is never said in clear */
	assert_false(tls_is_optional(&config));
	config.smtp_username = none;
	config.smtp_tls = SMTP_TLS_REQUIRED;
	assert_false(tls_is_optional(&config));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_optional),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
