/* SPDX-License-Identifier: MIT */
/*
 * The keyring's table: of each key what Redis said last, what is in hand of its
 * limits, and who waits for more. The keyring's lock is held by whoever calls.
 */
#ifndef POSTRIDER_KEYRING_ENTRY_H
#define POSTRIDER_KEYRING_ENTRY_H

#include <stdatomic.h>
#include <stdbool.h>

#include "allowance.h"
#include "keyring.h"
#include "pipeline_call.h"

/* Of the table and of each request that uses it: keyring_drop(). */
struct held_key {
	struct key key;
	atomic_uint holds;
};

struct keyring_entry {
	struct keyring *keyring;
	struct keyring_entry *next; /* of its bucket */
	char id[KEY_ID_SIZE];
	struct held_key *held; /* NULL: there is none, or nobody knows yet */
	int64_t looked_at; /* monotonic ms: when `held` was asked for */
	int64_t look_sent;
	bool looking, taking; /* on its way */
	struct pipeline_call look, take;
	int64_t wanted, wanted_mails; /* by `take` */
	struct allowance requests, mails;
	struct keyring_ask *first, **end; /* who waits */
};

#define KEYRING_BUCKETS 256
struct keyring_table {
	struct keyring_entry *buckets[KEYRING_BUCKETS];
};

const struct key *keyring_hold(struct held_key *);

/* Whether it is known, and not for too long. */
bool keyring_entry_is_fresh(const struct keyring_entry *, int64_t now);
struct keyring_entry *keyring_find(struct keyring_table *, const char *id);
/* Others that nobody would miss are forgotten on the way. */
struct keyring_entry *keyring_find_or_add(struct keyring_table *,
    const char *id, int64_t now);
void keyring_table_free(struct keyring_table *);

#endif
