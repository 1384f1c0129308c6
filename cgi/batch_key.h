/* SPDX-License-Identifier: MIT */
/*
 * The Idempotency-Key of a batch: which record it has, and what its mails must
 * have in common with those of the first batch of that key, as arguments of the
 * `accept` script (lib/lua/parts/idempotency.lua). Pure.
 */
#ifndef POSTRIDER_BATCH_KEY_H
#define POSTRIDER_BATCH_KEY_H

#include "idempotency.h"
#include "store.h"

/* The zero value is one that batch_key_begin() has not seen. */
struct batch_key {
	struct idempotency idem; /* its record; the fields of the last mail */
	struct store_group more; /* arguments, behind record and time */
	size_t mails; /* all of the request */
	size_t accepted;
	struct buffer ids; /* of those that are accepted, blanks between */
};

void batch_key_begin(struct batch_key *, const char *client, const char *word);
/*
 * The next mail. `id` NULL: it has faults, and is the same only when nothing
 * about it has changed.
 */
void batch_key_add(struct batch_key *, const struct json_value *mail,
    const char *id);
/* After the last mail, once. */
void batch_key_end(struct batch_key *);
void batch_key_free(struct batch_key *);

#endif
