/* SPDX-License-Identifier: MIT */
/*
 * One asynchronous connection to Redis, made ready for scripts: resolved
 * without blocking the loop, logged in, database chosen, scripts loaded,
 * durability read. store_client.c is its user and decides when to try.
 */
#ifndef POSTRIDER_REDIS_LINK_H
#define POSTRIDER_REDIS_LINK_H

#include <hiredis/async.h>
#include <stdbool.h>
#include <uv.h>

#include "config.h"
#include "store.h"

struct redis_link_options {
	uv_loop_t *loop;
	const struct config *config; /* borrowed */
	void (*ready)(void *arg);
	/*
	 * Not ready (any more). The link frees itself: it must not be used
	 * again. Commands of its context are called back with NULL before or
	 * after this.
	 */
	void (*lost)(void *arg, const char *why);
	void *arg;
};

struct redis_link;

/* Begins; `ready` or `lost` comes later, never from inside this call. */
struct redis_link *redis_link_open(const struct redis_link_options *);
/* Ends it; calls `lost` when `why` is not NULL. */
void redis_link_drop(struct redis_link *, const char *why);

/*
 * Writes the commands that wait: none is written before. It may lose the link.
 */
void redis_link_flush(struct redis_link *);

redisAsyncContext *redis_link_context(const struct redis_link *);
/* Good once ready. */
enum store_durability redis_link_durability(const struct redis_link *,
    const char **advice);

#endif
