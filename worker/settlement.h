/* SPDX-License-Identifier: MIT */
/*
 * From the outcome of an attempt to the script that settles it: marks what
 * became of each recipient and puts the call together. Pure but for the
 * caller's random number.
 */
#ifndef POSTRIDER_SETTLEMENT_H
#define POSTRIDER_SETTLEMENT_H

#include "buffer.h"
#include "config.h"
#include "job.h"
#include "relay.h"
#include "store.h"

struct settlement {
	const char *owner;
	int64_t claim_seq;
	int64_t retry_count; /* failed attempts before this one */
	enum outcome outcome;
	int code; /* of the reply that decided, 0: none */
	const char *reply; /* it, or what went wrong */
	const char *reason; /* when it fails for good; NULL: "rejected" */
	uint32_t random;
	const char *about; /* JSON members of the attempt's entry in the
			    * history, each behind a comma; NULL: none */
};

/*
 * Moves the verdicts of the envelope into the job's recipients (by address):
 * with OUTCOME_SENT the accepted ones are taken, with OUTCOME_REJECTED every
 * waiting one is refused.
 */
void settlement_mark(struct job *, const struct envelope_recipient *,
    size_t len, const struct settlement *);

/*
 * Which script settles a job so marked, and its arguments. `results` holds the
 * text that the call borrows.
 */
void settlement_call(struct store_call *, const struct settlement *,
    const struct job *, const struct config *, struct buffer *results);

#endif
