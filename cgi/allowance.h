/* SPDX-License-Identifier: MIT */
/*
 * What a key may still do, as far as this process has it in hand: requests of
 * its rate, mails of its day. More is asked of Redis, a few at a time, so that
 * most requests ask nothing. Pure; times are monotonic ms.
 */
#ifndef POSTRIDER_ALLOWANCE_H
#define POSTRIDER_ALLOWANCE_H

#include <stdint.h>

/* The zero value has nothing in hand and knows of no end. */
struct allowance {
	int64_t have; /* in hand */
	int64_t left; /* in Redis, when it was last asked */
	int64_t full_at; /* when all of the limit is there again */
	int64_t denied_until; /* Redis has no more before that */
	int64_t ends_at; /* what is in hand is of no use any more */
};

enum allowance_answer {
	ALLOWANCE_TAKEN,
	ALLOWANCE_ASK, /* of Redis: allowance_fill() */
	ALLOWANCE_DENIED /* until denied_until */
};
enum allowance_answer allowance_take(struct allowance *, int64_t n,
    int64_t now);

/* Redis' answer to a question for `wanted`. */
struct allowance_grant {
	int64_t wanted, granted, left;
	int64_t full_in, more_in; /* ms */
	int64_t good_for; /* ms that it is of use */
};
void allowance_fill(struct allowance *, const struct allowance_grant *,
    int64_t now);

/* What was taken and not used after all. */
void allowance_return(struct allowance *, int64_t n);

/* How many there are, as far as is known. */
int64_t allowance_left(const struct allowance *);

#endif
