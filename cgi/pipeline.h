/* SPDX-License-Identifier: MIT */
/*
 * Commands for Redis, on a thread and a blocking connection of its own: all
 * that wait go in one write, then their replies are read in order. That is what
 * lets one fsync of Redis carry many requests. It connects and reconnects with
 * growing, jittered pauses. It knows nothing of what is asked, and nothing of
 * HTTP.
 */
#ifndef POSTRIDER_PIPELINE_H
#define POSTRIDER_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>

#include <hiredis/hiredis.h>

#include "config.h"
#include "pipeline_call.h"

struct pipeline_options {
	const struct config *config; /* borrowed */
	const char *name; /* for logs and the thread */
	size_t group_max; /* calls a turn, 0: any number */
	/*
	 * Whether a turn waits for 1 ms, at most, until as many calls have come
	 * as the last one had, if that was some: so that Redis, and who works
	 * on with the replies, do more with one fsync. A lone call never waits.
	 */
	bool gathers;
	/* All may be NULL; called on the pipeline's thread with `arg`. */
	void (*connected)(void *arg, redisContext *);
	/* Calls of our own (a list) that go along with this turn. */
	struct pipeline_call *(*more)(void *arg, bool last_turn);
	/* Whether `more` is to be asked soon, though nothing else comes. */
	bool (*more_soon)(void *arg);
	/* After the last `done` of a turn. */
	void (*turned)(void *arg);
	void *arg;
};

struct pipeline;

/*
 * The first attempt to connect is over when this returns (it may have failed).
 * NULL when no thread or eventfd can be had.
 */
struct pipeline *pipeline_new(const struct pipeline_options *);
/* What waits is still sent, `more` is asked a last time; then it joins. */
void pipeline_free(struct pipeline *);

/* Thread-safe. While Redis is away `done` says UNAVAILABLE at once. */
void pipeline_send(struct pipeline *, struct pipeline_call *);

/* Thread-safe. */
bool pipeline_is_up(struct pipeline *);

#endif
