/* SPDX-License-Identifier: MIT */
/* An HTTP answer that ends the client: JSON, and errors of the API's shape. */
#ifndef POSTRIDER_ANSWER_H
#define POSTRIDER_ANSWER_H

#include "buffer.h"

struct client;

enum problem {
	PROBLEM_WRONG, /* no request that we take */
	PROBLEM_KEY_IN_URL,
	PROBLEM_MISSING_KEY,
	PROBLEM_UNKNOWN_KEY,
	PROBLEM_RESTRICTED_KEY, /* not to be used for that, or from there */
	PROBLEM_ORIGIN,
	PROBLEM_PATH,
	PROBLEM_METHOD,
	PROBLEM_UPGRADE, /* /ws was asked for as a plain page */
	PROBLEM_FULL,
	PROBLEM_AWAY, /* Redis, which has the keys */
	PROBLEM__MAX
};

/* `field`: what is wrong, where one parameter is; else NULL. */
void answer_problem(struct client *, enum problem, const char *field);
void answer_json(struct client *, unsigned status, const struct buffer *body);
void answer_metrics(struct client *, const struct buffer *body);

#endif
