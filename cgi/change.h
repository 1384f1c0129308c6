/* SPDX-License-Identifier: MIT */
/*
 * A request that changes a job: its script in Redis, then, where the job waits
 * from now on, its hint to the broker, then the answer. A hint that the broker
 * does not confirm stays in the outbox, for the sweeper.
 */
#ifndef POSTRIDER_CHANGE_H
#define POSTRIDER_CHANGE_H

#include "buffer.h"
#include "ladder.h"
#include "publisher.h"
#include "store.h"

struct request;

/* Lives in its request. */
struct change {
	/* The change is made: answers the request. */
	void (*done)(struct request *, const struct change *);
	char status[16]; /* the job's from now on */
	int64_t next_at; /* 0: no hint follows */
	/* the change's own */
	struct publish publish;
	struct ladder_route route;
	struct buffer hint;
};

/*
 * Of cancel, retry, reschedule; the job is request->id. Where the change cannot
 * be made the request is answered here.
 */
void change_send(struct request *, const struct store_call *,
    void (*done)(struct request *, const struct change *));

#endif
