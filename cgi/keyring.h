/* SPDX-License-Identifier: MIT */
/*
 * The keys in use, as Redis had them at most KEYRING_FRESH ago, and what is in
 * hand of their limits. A request with a right key is judged at once; who shows
 * a wrong or an unknown one always waits for Redis, so that nobody can tell the
 * two apart. It knows nothing of HTTP.
 */
#ifndef POSTRIDER_KEYRING_H
#define POSTRIDER_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "key.h"

#define KEYRING_FRESH 2000 /* ms: by then a revoked key is of no use */

enum keyring_answer {
	KEYRING_GRANTED,
	KEYRING_WAITS, /* `done` tells it later */
	KEYRING_UNKNOWN, /* unknown, wrong, revoked, expired */
	KEYRING_SCOPE, /* it is not for that */
	KEYRING_NETWORK, /* nor for a client who is there */
	KEYRING_RATE, /* too many requests */
	KEYRING_QUOTA, /* too many mails today */
	KEYRING_UNAVAILABLE, /* Redis is away, late, or takes no writes */
	KEYRING_ANSWER__MAX
};

/* What a key's rate says to a client; limit 0: it has none. */
struct keyring_rate {
	int64_t limit, remaining;
	int64_t reset; /* s until all of it is there again */
};

/* A question; lives in its request. */
struct keyring_ask {
	struct key_claim claim;
	unsigned scopes; /* bits of key_scope */
	const char *client; /* IP address or NULL; borrowed */
	int64_t mails; /* that it would make */
	bool paid; /* it counts as no request any more */
	/* Once, on the keyring's thread, after KEYRING_WAITS. */
	void (*done)(struct keyring_ask *, enum keyring_answer);

	/* the answer */
	const struct key *key; /* keyring_drop(); NULL: none is right */
	struct keyring_rate rate;
	int64_t retry_after; /* s; RATE, QUOTA */

	/* the keyring's own */
	struct keyring_ask *next;
	enum keyring_wish {
		KEYRING_WANTS_NOTHING,
		KEYRING_WANTS_KEY,
		KEYRING_WANTS_REQUEST,
		KEYRING_WANTS_MAILS
	} wish;
	bool looked; /* Redis was asked for its key */
	enum keyring_answer answer;
};

struct keyring;

/* NULL when no thread or eventfd can be had. `config` is borrowed. */
struct keyring *keyring_new(const struct config *);
/* Nobody may wait any more. NULL: nothing. */
void keyring_free(struct keyring *);

/* All are thread-safe. */

/* The caller has set the upper part, and the rest is zeroed. */
enum keyring_answer keyring_ask(struct keyring *, struct keyring_ask *);
bool keyring_is_up(struct keyring *); /* Redis is connected */
/* Mails that were granted and did not come to be. */
void keyring_return(struct keyring *, const struct key *, int64_t mails);
void keyring_drop(const struct key *); /* NULL: nothing */

#endif
