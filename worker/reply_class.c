/* SPDX-License-Identifier: MIT */
/* The table of reply classes. Pure. */
#include "reply_class.h"

const char *const reply_class_names[REPLY_CLASS__MAX] = {
	[REPLY_OK] = "ok",
	[REPLY_GO_AHEAD] = "go ahead",
	[REPLY_RETRY] = "retry",
	[REPLY_REJECT_RECIPIENT] = "reject recipient",
	[REPLY_REJECT_MAIL] = "reject mail",
	[REPLY_RELAY_BROKEN] = "relay broken",
	[REPLY_CLOSING] = "closing",
	[REPLY_OUT_OF_STEP] = "out of step",
};

#define ANY 63
#define ENVELOPE (REPLY_TO_MAIL | REPLY_TO_RCPT)
#define BEFORE_DOT (ENVELOPE | REPLY_TO_DATA)
#define MAIL_ON (BEFORE_DOT | REPLY_TO_MESSAGE)
#define BARE (-1) /* the subject of a reply without enhanced code */

/* A field that is 0 fits all. The first rule that fits decides. */
static const struct rule {
	int to; /* bits of enum reply_to */
	int severity; /* of the enhanced code, else the code's first digit */
	int code;
	int subject, detail; /* of the enhanced code */
	enum reply_class class;
} rules[] = {
	{ ANY, 0, 421, 0, 0, REPLY_CLOSING },

	/* "Must issue STARTTLS first", "authentication required" (RFC 4954). */
	{ BEFORE_DOT, 0, 530, 0, 0, REPLY_RELAY_BROKEN },
	{ BEFORE_DOT, 0, 534, 0, 0, REPLY_RELAY_BROKEN },
	{ BEFORE_DOT, 0, 535, 0, 0, REPLY_RELAY_BROKEN },
	{ BEFORE_DOT, 0, 538, 0, 0, REPLY_RELAY_BROKEN },
	/* Exchange Online: not logged in; all of the tenant or of our address
	 * is blocked. */
	{ MAIL_ON, 5, 0, 7, 57, REPLY_RELAY_BROKEN },
	{ MAIL_ON, 5, 0, 7, 705, REPLY_RELAY_BROKEN },
	{ MAIL_ON, 5, 0, 7, 708, REPLY_RELAY_BROKEN },
	/* MAIL itself is unknown or out of order: never this mail's fault. */
	{ REPLY_TO_MAIL, 0, 500, 0, 0, REPLY_RELAY_BROKEN },
	{ REPLY_TO_MAIL, 0, 502, 0, 0, REPLY_RELAY_BROKEN },
	{ REPLY_TO_MAIL, 0, 503, 0, 0, REPLY_RELAY_BROKEN },
	/* After a MAIL that was taken: we and the relay are out of step. */
	{ REPLY_TO_RCPT, 0, 503, 0, 0, REPLY_OUT_OF_STEP },
	{ REPLY_TO_DATA, 0, 503, 0, 0, REPLY_OUT_OF_STEP },

	/* Too many recipients: the rest later (RFC 5321 4.5.3.1.10). */
	{ REPLY_TO_RCPT, 5, 0, 5, 3, REPLY_RETRY },
	{ REPLY_TO_RCPT, 0, 552, BARE, 0, REPLY_RETRY },
	/* Congestion passes, whatever the code says (RFC 3463 3.5). */
	{ MAIL_ON, 5, 0, 4, 5, REPLY_RETRY },
	/* Exchange Online: "sender throttled"; with 554 it is another thing. */
	{ MAIL_ON, 5, 550, 2, 251, REPLY_RETRY },
	{ MAIL_ON, 5, 550, 2, 252, REPLY_RETRY },
	{ MAIL_ON, 5, 550, 2, 253, REPLY_RETRY },
	{ MAIL_ON, 5, 550, 2, 254, REPLY_RETRY },
	{ MAIL_ON, 5, 550, 2, 255, REPLY_RETRY },

	{ REPLY_TO_CONNECT, 2, 0, 0, 0, REPLY_OK },
	{ REPLY_TO_CONNECT, 4, 0, 0, 0, REPLY_RETRY },
	{ REPLY_TO_CONNECT, 5, 0, 0, 0, REPLY_RELAY_BROKEN },
	{ REPLY_TO_RSET, 2, 0, 0, 0, REPLY_OK },
	{ REPLY_TO_MAIL, 2, 0, 0, 0, REPLY_OK },
	{ REPLY_TO_MAIL, 4, 0, 0, 0, REPLY_RETRY },
	{ REPLY_TO_MAIL, 5, 0, 0, 0, REPLY_REJECT_MAIL },
	{ REPLY_TO_RCPT, 2, 0, 0, 0, REPLY_OK },
	{ REPLY_TO_RCPT, 4, 0, 0, 0, REPLY_RETRY },
	{ REPLY_TO_RCPT, 5, 0, 0, 0, REPLY_REJECT_RECIPIENT },
	{ REPLY_TO_DATA, 0, 354, 0, 0, REPLY_GO_AHEAD },
	{ REPLY_TO_DATA, 4, 0, 0, 0, REPLY_RETRY },
	{ REPLY_TO_DATA, 5, 0, 0, 0, REPLY_REJECT_MAIL },
	{ REPLY_TO_MESSAGE, 2, 0, 0, 0, REPLY_OK },
	{ REPLY_TO_MESSAGE, 4, 0, 0, 0, REPLY_RETRY },
	{ REPLY_TO_MESSAGE, 5, 0, 0, 0, REPLY_REJECT_MAIL },
};

/* 2xx and 3xx are what they say; a failure is what its enhanced code says. */
static int
severity_of(int code, const struct reply_enhanced *enhanced)
{
	if (code >= 400 && enhanced->severity >= 4)
		return enhanced->severity;
	return code / 100;
}

static int
fits(const struct rule *rule, int severity, int code,
    const struct reply_enhanced *enhanced)
{
	if (rule->severity != 0 && rule->severity != severity)
		return 0;
	if (rule->code != 0 && rule->code != code)
		return 0;
	if (rule->subject == BARE)
		return enhanced->severity == 0;
	if (rule->subject == 0 && rule->detail == 0)
		return 1;
	return enhanced->severity != 0 && enhanced->subject == rule->subject &&
	    enhanced->detail == rule->detail;
}

enum reply_class
reply_classify(enum reply_to to, int code,
    const struct reply_enhanced *enhanced)
{
	const int severity = severity_of(code, enhanced);
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (((int)to & rules[i].to) != 0 &&
		    fits(&rules[i], severity, code, enhanced))
			return rules[i].class;
	return REPLY_OUT_OF_STEP;
}
