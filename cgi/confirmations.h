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

/* NULL when out of memory; never holds more than `max`. */
struct confirmations *confirmations_new(size_t max);
void confirmations_free(struct confirmations *);

/* Thread-safe. */
void confirmations_add(struct confirmations *, const char *id, int64_t next_at);

bool confirmations_waiting(struct confirmations *); /* thread-safe */

/*
 * Thread-safe. Empties the list into calls of the `published` script, which
 * free themselves when done; NULL when the list is empty.
 */
struct pipeline_call *confirmations_take(struct confirmations *);

#endif
