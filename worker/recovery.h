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

enum recovery_mode {
	RECOVERY_JOURNAL, /* only with the owner's journal, when it is free */
	RECOVERY_UNKNOWN /* without one: all it holds becomes unknown */
};

/*
 * Settles all that `owner` holds; `done` comes on a later turn, with how many
 * jobs were settled, or -1 when nothing was done (its journal is locked or not
 * here).
 */
void recovery_start(struct worker *, const char *owner, enum recovery_mode,
    void (*done)(void *arg, int64_t settled), void *arg);

/* One job that is past its lease. */
void recovery_unknown(struct worker *, const char *id, const char *owner,
    int64_t claim_seq);

#endif
