/* SPDX-License-Identifier: MIT */
/*
 * What a reply means, by one table: from the command it answers, its code and
 * its enhanced code (RFC 3463). Where a 4xx or 5xx code and its enhanced code
 * disagree on permanent or not, the enhanced code decides. Pure.
 */
#ifndef POSTRIDER_REPLY_CLASS_H
#define POSTRIDER_REPLY_CLASS_H

#include "reply.h"

/* What was said before; bits, so that a rule can name several. */
enum reply_to {
	REPLY_TO_CONNECT = 1, /* greeting, EHLO, STARTTLS, AUTH */
	REPLY_TO_RSET = 2,
	REPLY_TO_MAIL = 4,
	REPLY_TO_RCPT = 8,
	REPLY_TO_DATA = 16,
	REPLY_TO_MESSAGE = 32 /* the dot */
};

enum reply_class {
	REPLY_OK, /* 2xx; to the dot: the relay has taken it */
	REPLY_GO_AHEAD, /* 354: the message may follow */
	REPLY_RETRY, /* not now: 4xx */
	REPLY_REJECT_RECIPIENT, /* this recipient never */
	REPLY_REJECT_MAIL, /* this mail never */
	REPLY_RELAY_BROKEN, /* whatever the mail: the relay, or our settings */
	REPLY_CLOSING, /* 421: not now, and the connection ends */
	REPLY_OUT_OF_STEP, /* no answer to what was asked */
	REPLY_CLASS__MAX
};
extern const char *const reply_class_names[REPLY_CLASS__MAX];

enum reply_class reply_classify(enum reply_to, int code,
    const struct reply_enhanced *);

#endif
