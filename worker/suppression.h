/* SPDX-License-Identifier: MIT */
/*
 * The worker's part in the suppression list: who is found to have a bad address
 * goes on it, and it is looked at again before a dot. That nobody is sent to
 * who is on it when a mail is claimed is the claim's work (lib/lua/claim.lua).
 */
#ifndef POSTRIDER_SUPPRESSION_H
#define POSTRIDER_SUPPRESSION_H

#include <stdbool.h>

#include "job.h"
#include "relay.h"
#include "reply.h"

struct delivery;

#define SUPPRESSION_WHY "Suppressed: none of its recipients is to be sent to"

/*
 * Whether a reply says that there is no such mailbox, now and for good, by its
 * enhanced code (RFC 3463, RFC 7505, IANA's registry); a plain 550 does not.
 */
bool suppression_is_bad_address(const struct reply_enhanced *);

/* Nobody has it, and not because of what a relay said alone. */
bool suppression_left_nobody(const struct job *);

/*
 * Those whom the relay has just refused for a bad address go on the list.
 * Before the outcome is settled, so that a crash forgets neither of the two.
 */
void suppression_add_bounces(struct delivery *, enum outcome);

/*
 * Of a mail that was claimed a while ago Redis is asked again: then false, and
 * the transaction's `waits` is set until it has answered.
 */
bool suppression_allows_dot(struct delivery *);
void suppression_forget(struct delivery *); /* the question, if there is one */

#endif
