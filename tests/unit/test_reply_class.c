/* SPDX-License-Identifier: MIT */
/* unit.reply_class: what real replies mean, each at the step where it comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reply.h"
#include "reply_class.h"

static const struct {
	enum reply_to to;
	const char *line;
	enum reply_class class;
} cases[] = {
	/* what is meant to come */
	{ REPLY_TO_CONNECT, "220 mx.example.com ESMTP Postfix", REPLY_OK },
	{ REPLY_TO_RSET, "250 2.0.0 Ok", REPLY_OK },
	{ REPLY_TO_MAIL, "250 2.1.0 Ok", REPLY_OK },
	{ REPLY_TO_RCPT, "250 Accepted", REPLY_OK },
	{ REPLY_TO_RCPT, "251 User not local; will forward", REPLY_OK },
	{ REPLY_TO_RCPT, "252 2.1.5 Cannot verify", REPLY_OK },
	{ REPLY_TO_DATA, "354 Enter message", REPLY_GO_AHEAD },
	{ REPLY_TO_MESSAGE, "250 2.0.0 Ok: queued as 1", REPLY_OK },
	{ REPLY_TO_MESSAGE, "250 OK id=1q2w3e-0004Rk-1a", REPLY_OK },

	/* not now */
	{ REPLY_TO_MAIL, "452 4.3.1 Insufficient system storage", REPLY_RETRY },
	{ REPLY_TO_MAIL, "454 Throttling failure: Daily quota", REPLY_RETRY },
	{ REPLY_TO_MAIL, "451 4.3.0 Temporary lookup failure", REPLY_RETRY },
	{ REPLY_TO_RCPT, "450 4.2.0 Greylisted, see postgrey", REPLY_RETRY },
	{ REPLY_TO_RCPT, "451 4.7.1 Try again later", REPLY_RETRY },
	{ REPLY_TO_RCPT, "452 4.2.2 The account is over quota", REPLY_RETRY },
	{ REPLY_TO_RCPT, "452 4.5.3 Too many recipients", REPLY_RETRY },
	{ REPLY_TO_RCPT, "552 5.5.3 Too many recipients", REPLY_RETRY },
	{ REPLY_TO_DATA, "451 4.3.2 Please try again", REPLY_RETRY },
	{ REPLY_TO_MESSAGE, "451 4.7.0 Temporary server error", REPLY_RETRY },

	/* this recipient never */
	{ REPLY_TO_RCPT, "550 Unrouteable address", REPLY_REJECT_RECIPIENT },
	{ REPLY_TO_RCPT, "550-5.1.1 no such user", REPLY_REJECT_RECIPIENT },
	{ REPLY_TO_RCPT, "552 5.2.2 Mailbox full", REPLY_REJECT_RECIPIENT },
	{ REPLY_TO_RCPT, "554 5.7.1 Relay access denied",
	    REPLY_REJECT_RECIPIENT },
	{ REPLY_TO_RCPT, "550 5.4.1 Access denied AS(201806281)",
	    REPLY_REJECT_RECIPIENT },

	/* this mail never */
	{ REPLY_TO_MAIL, "501 5.1.7 Bad sender address syntax",
	    REPLY_REJECT_MAIL },
	{ REPLY_TO_MAIL, "552 5.3.4 Message size exceeds fixed limit",
	    REPLY_REJECT_MAIL },
	{ REPLY_TO_DATA, "554 5.5.1 Error: no valid recipients",
	    REPLY_REJECT_MAIL },
	{ REPLY_TO_MESSAGE, "554 Message rejected: not verified",
	    REPLY_REJECT_MAIL },
	{ REPLY_TO_MESSAGE, "550 5.7.1 [CS] Message contains spam",
	    REPLY_REJECT_MAIL },
	{ REPLY_TO_MESSAGE, "552 5.3.4 Message too big", REPLY_REJECT_MAIL },

	/* the enhanced code decides where they disagree */
	{ REPLY_TO_RCPT, "550 4.7.1 Greylisting in action", REPLY_RETRY },
	{ REPLY_TO_RCPT, "450 5.1.1 No such user", REPLY_REJECT_RECIPIENT },
	{ REPLY_TO_MESSAGE, "554 4.4.7 Delivery time expired", REPLY_RETRY },
	{ REPLY_TO_MESSAGE, "451 5.7.1 Refused", REPLY_REJECT_MAIL },
	/* but a 2xx is a 2xx */
	{ REPLY_TO_MESSAGE, "250 5.0.0 Queued", REPLY_OK },
	{ REPLY_TO_MESSAGE, "550 2.0.0 Confused", REPLY_REJECT_MAIL },

	/* the relay, or our settings */
	{ REPLY_TO_CONNECT, "554 5.7.1 No SMTP service here",
	    REPLY_RELAY_BROKEN },
	{ REPLY_TO_CONNECT, "535 5.7.8 Authentication failed",
	    REPLY_RELAY_BROKEN },
	{ REPLY_TO_CONNECT, "450 4.3.2 Not now", REPLY_RETRY },
	{ REPLY_TO_MAIL, "530 5.7.0 Must issue a STARTTLS command first",
	    REPLY_RELAY_BROKEN },
	{ REPLY_TO_MAIL, "530 Authentication required", REPLY_RELAY_BROKEN },
	{ REPLY_TO_RCPT, "530 5.7.1 Client was not authenticated",
	    REPLY_RELAY_BROKEN },
	{ REPLY_TO_MAIL, "503 5.5.1 Error: send HELO/EHLO first",
	    REPLY_RELAY_BROKEN },
	{ REPLY_TO_MAIL, "502 5.5.2 Command not recognized",
	    REPLY_RELAY_BROKEN },

	/* the connection ends */
	{ REPLY_TO_CONNECT, "421 4.7.0 Too many connections", REPLY_CLOSING },
	{ REPLY_TO_MAIL, "421 4.4.2 Error: timeout exceeded", REPLY_CLOSING },
	{ REPLY_TO_MESSAGE, "421 4.3.2 Shutting down", REPLY_CLOSING },
	{ REPLY_TO_RSET, "421 bye", REPLY_CLOSING },
	{ REPLY_TO_MESSAGE, "421 5.0.0 bye", REPLY_CLOSING },

	/* no answer to what was asked */
	{ REPLY_TO_MAIL, "354 Go", REPLY_OUT_OF_STEP },
	{ REPLY_TO_RCPT, "503 5.5.1 Error: need MAIL command",
	    REPLY_OUT_OF_STEP },
	{ REPLY_TO_DATA, "250 Ok", REPLY_OUT_OF_STEP },
	{ REPLY_TO_DATA, "334 Go", REPLY_OUT_OF_STEP },
	{ REPLY_TO_MESSAGE, "354 Go", REPLY_OUT_OF_STEP },
	{ REPLY_TO_RSET, "500 what", REPLY_OUT_OF_STEP },
};

/* Whether the line means that; else it says what it means. */
static int
check(enum reply_to to, const char *line, const char *expected)
{
	struct reply_reader reader = { 0 };
	enum reply_class class;
	char bytes[512];
	size_t used;

	(void)snprintf(bytes, sizeof(bytes), "%s\r\n%.3s \r\n", line, line);
	(void)reply_read(&reader, bytes, strlen(bytes), &used);
	class = reply_classify(to, reader.reply.code, &reader.reply.enhanced);
	reply_reader_free(&reader);
	if (strcmp(reply_class_names[class], expected) == 0)
		return 1;
	print_error("%s: %s, not %s\n", line, reply_class_names[class],
	    expected);
	return 0;
}

static void
test_table(void **state)
{
	size_t i, right = 0, all = sizeof(cases) / sizeof(*cases);

	(void)state;
	for (i = 0; i < all; i++)
		right += (size_t)check(cases[i].to, cases[i].line,
		    reply_class_names[cases[i].class]);
	assert_int_equal(right, all);
}

static enum reply_to
step_of(const char *name)
{
	static const struct {
		const char *name;
		enum reply_to to;
	} steps[] = {
		{ "connect", REPLY_TO_CONNECT },
		{ "mail", REPLY_TO_MAIL },
		{ "rcpt", REPLY_TO_RCPT },
		{ "data", REPLY_TO_DATA },
		{ "dot", REPLY_TO_MESSAGE },
	};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (strcmp(steps[i].name, name) == 0)
			return steps[i].to;
	fail_msg("no step: %s", name);
	return REPLY_TO_RSET;
}

/* "step | class | reply | source"; of a reply's lines the first will do. */
static void
test_real_replies(void **state)
{
	static const char bar[] = " | ";
	char line[512], *at[4];
	FILE *file = fopen(REAL_REPLIES, "r");
	int i, all = 0, right = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		at[0] = line;
		for (i = 1; i < 4; i++) {
			at[i] = strstr(at[i - 1], bar);
			assert_non_null(at[i]);
			*at[i] = '\0';
			at[i] += strlen(bar);
		}
		at[2][strcspn(at[2], "\\")] = '\0';
		right += check(step_of(at[0]), at[2], at[1]);
		all++;
	}
	(void)fclose(file);
	assert_true(all >= 100);
	assert_int_equal(right, all);
}

/* Every code at every step has a class, and no 4xx or 5xx is a success. */
static void
test_every_code(void **state)
{
	static const struct reply_enhanced none = { 0, 0, 0 };
	enum reply_class class;
	int to, code;

	(void)state;
	for (to = 1; to <= REPLY_TO_MESSAGE; to *= 2)
		for (code = 200; code < 600; code++) {
			class = reply_classify((enum reply_to)to, code, &none);
			assert_in_range(class, 0, REPLY_CLASS__MAX - 1);
			assert_non_null(reply_class_names[class]);
			if (code >= 300)
				assert_int_not_equal(class, REPLY_OK);
			if (class == REPLY_GO_AHEAD)
				assert_int_equal(code, 354);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_real_replies),
		cmocka_unit_test(test_every_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
