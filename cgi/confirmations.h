/* SPDX-License-Identifier: MIT */
/*
 * Hints that the broker has confirmed and Redis is not yet told of: with the
 * `published` script they leave the outbox, many at a time. What is lost here
 * (a full list, Redis away) only costs a second hint from the sweeper.
 */
#ifndef POSTRIDER_CONFIRMATIONS_H
#define POSTRIDER_CONFIRMATIONS_H

#include <stddef.h>
#include <stdint.h>

#include "pipeline.h"

struct confirmations;

/*
 * NULL when out of memory. `more`: how many may come while a call with what is
 * due is on its way.
 */
struct confirmations *confirmations_new(size_t more);
void confirmations_free(struct confirmations *);

/* Thread-safe. */
void confirmations_add(struct confirmations *, const char *id, int64_t next_at);

bool confirmations_waiting(struct confirmations *); /* thread-safe */

/*
 * Thread-safe. Empties the list into calls of the `published` script, which
 * free themselves when done. NULL when it is empty, or, unless `all` are wanted
 * now, while it is neither long nor old: nobody waits for them, and many in a
 * call cost Redis less.
 */
struct pipeline_call *confirmations_take(struct confirmations *, bool all);

#endif
