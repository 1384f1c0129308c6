/* SPDX-License-Identifier: MIT */
/*
 * Putting right what an owner that is gone left in hand: from its journal
 * where that is here, else as an unknown outcome. docs/protocol.md, "Journal".
 */
#ifndef POSTRIDER_RECOVERY_H
#define POSTRIDER_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

struct worker;

enum recovery_right { /* bits */
	RECOVERY_JOURNAL = 0, /* with the owner's journal, when it is free */
	RECOVERY_UNKNOWN = 1, /* without one: all it holds becomes unknown */
	RECOVERY_STOPPED =
	    2, /* with one that is locked: its process is stopped */
	/*
	 * Of a store that went back in time: with one whose every claim was
	 * settled, too; what it has no entry of may have been sent.
	 */
	RECOVERY_RESTORED = 4
};

/*
 * Settles all that `owner` holds, and tells the store what its journal proves
 * of claims that it holds no more. `done` comes on a later turn, with how many
 * jobs were settled, or -1 when nothing was done (its journal is locked or not
 * here).
 */
void recovery_start(struct worker *, const char *owner, unsigned rights,
    void (*done)(void *arg, int64_t settled), void *arg);

/* One job that is past its lease. */
void recovery_unknown(struct worker *, const char *id, const char *owner,
    int64_t claim_seq);

/*
 * What Redis says we hold and is not in our hands becomes unknown: a settle was
 * refused, or a claim. Call it after each reconnect and now and then.
 */
void recovery_of_ours(struct worker *);

#endif
