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

static void
test_table(void **state)
{
	struct reply_reader reader = { 0 };
	enum reply_class class;
	char line[128];
	size_t i, used;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		(void)snprintf(line, sizeof(line), "%s\r\n%.3s \r\n",
		    cases[i].line, cases[i].line);
		(void)reply_read(&reader, line, strlen(line), &used);
		class = reply_classify(cases[i].to, reader.reply.code,
		    &reader.reply.enhanced);
		if (class != cases[i].class)
			fail_msg("%s: %s, not %s", cases[i].line,
			    reply_class_names[class],
			    reply_class_names[cases[i].class]);
		reply_reader_free(&reader);
	}
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
		cmocka_unit_test(test_every_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
