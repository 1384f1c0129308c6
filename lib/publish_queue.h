/* SPDX-License-Identifier: MIT */
/*
 * Messages of the publisher in the order of their sending, each with a deadline
 * of its own. It owns nothing and tells nobody: who takes one out ends it.
 */
#ifndef POSTRIDER_PUBLISH_QUEUE_H
#define POSTRIDER_PUBLISH_QUEUE_H

#include <stdint.h>

#include "publisher.h"

struct publish_queue {
	struct publish *first, **end;
	int64_t earliest; /* no deadline is before it; monotonic ms */
};

void publish_queue_reset(struct publish_queue *);
void publish_queue_append(struct publish_queue *, struct publish *list);
/* The first one, or NULL. */
struct publish *publish_queue_pop(struct publish_queue *);
/* The one of this tag, or NULL; tags grow along the queue. */
struct publish *publish_queue_take(struct publish_queue *, uint64_t tag);
/* Takes out those whose deadline is over: a list in order, or NULL. */
struct publish *publish_queue_take_overdue(struct publish_queue *, int64_t now);

#endif
