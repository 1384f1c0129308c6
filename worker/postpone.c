/* SPDX-License-Identifier: MIT */
/* Redis is told when its message will be back, then it goes up the ladder. */
#include "postpone.h"

#include "delivery.h"
#include "heartbeat.h"
#include "store_client.h"
#include "worker.h"

static void
on_noted(void *arg, const redisReply *reply)
{
	struct delivery *d = arg;

	if (reply == NULL)
		return; /* the process ends: the broker delivers it again */
	/* What Redis refused to note is published once more, that is all. */
	delivery_hint(d, d->hint.next_at);
}

void
delivery_postpone(struct delivery *d, int64_t delay)
{
	struct worker *worker = d->worker;
	struct store_call call;

	delivery_enter(d, DELIVERY_PUBLISHING);
	d->hint.published_at = heartbeat_redis_time(worker->heartbeat) + delay;
	store_call_begin(&call, STORE_POSTPONE);
	store_call_text(&call, d->hint.job.id);
	store_call_number(&call, d->hint.published_at);
	store_client_call(worker->store, &call, on_noted, d);
}
