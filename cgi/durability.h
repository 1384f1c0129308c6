/* SPDX-License-Identifier: MIT */
/*
 * Whether this Redis keeps what it has answered: asked on every connect, told
 * by /health, and by one warning whenever it changes for the worse.
 */
#ifndef POSTRIDER_DURABILITY_H
#define POSTRIDER_DURABILITY_H

#include <pthread.h>

#include "store.h"

#define DURABILITY_ADVICE_SIZE 160

struct durability {
	pthread_mutex_t lock; /* for these: */
	enum store_durability is;
	char advice[DURABILITY_ADVICE_SIZE]; /* lines for redis.conf, or "" */
	bool known; /* it was asked at all */
};

void durability_init(struct durability *);
void durability_destroy(struct durability *);
/* Blocks for a reply; leaves things as they were when none comes. */
void durability_check(struct durability *, redisContext *);
/* Thread-safe; copies the advice. */
enum store_durability durability_get(struct durability *,
    char advice[DURABILITY_ADVICE_SIZE]);

#endif
