/* SPDX-License-Identifier: MIT */
/*
 * The call of the `accept` script for one mail. What only some mails have is
 * added as a field of the job and its value, whatever its name. Pure.
 */
#ifndef POSTRIDER_ACCEPT_CALL_H
#define POSTRIDER_ACCEPT_CALL_H

#include "idempotency.h"
#include "job.h"
#include "store.h"

struct accept_call {
	struct store_call call; /* borrows what follows, the job and the key */
	struct buffer to, payload;
};

/* `key` may be NULL; `key_ttl` ms is how long it lives once the mail is over. */
void accept_call_make(struct accept_call *, const struct job *,
    const struct idempotency *key, int64_t key_ttl);
void accept_call_free(struct accept_call *);

#endif
