/* SPDX-License-Identifier: MIT */
/* Renews the lease and knows how long it surely stands. */
#include "heartbeat.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dkim.h"
#include "intake.h"
#include "store_client.h"
#include "timestamp.h"
#include "worker.h"

/*
 * ms, or a third of LEASE_TTL: clocks, and the way to Redis. Others count on it
 * when they judge an owner dead, so it is no setting.
 */
#define MARGIN 5000

struct heartbeat {
	struct worker *worker;
	uv_timer_t timer;
	int64_t asked_at; /* monotonic ms of the one under way, 0: none */
	int64_t answered_at; /* when the last answered one was sent */
	int64_t held_since; /* monotonic ms */
	int64_t
	    ahead; /* of the monotonic clock is Redis TIME, ms; 0: unknown */
};

static void
destroy(uv_handle_t *timer)
{
	struct heartbeat *heartbeat = timer->data;

	free(heartbeat);
}

static void beat(uv_timer_t *timer);

static void
on_answer(void *arg, const redisReply *reply)
{
	struct heartbeat *heartbeat = arg;
	const bool held = heartbeat_holds(heartbeat);

	if (reply != NULL)
		heartbeat->answered_at = heartbeat->asked_at;
	if (!held)
		heartbeat->held_since = timestamp_monotonic();
	if (reply != NULL && reply->type == REDIS_REPLY_INTEGER)
		heartbeat->ahead = reply->integer - timestamp_monotonic();
	heartbeat->asked_at = 0;
	if (reply == NULL)
		return; /* the process ends */
	if (!heartbeat_holds(heartbeat))
		beat(&heartbeat->timer); /* asked before Redis was away */
	else if (!held)
		intake_pump(heartbeat->worker->intake);
}

static void
beat(uv_timer_t *timer)
{
	struct heartbeat *heartbeat = timer->data;
	struct worker *worker = heartbeat->worker;
	struct store_call call;
	struct intake_progress progress = { 0 };
	char about[96];

	if (heartbeat->asked_at != 0)
		return;
	if (worker->intake != NULL)
		intake_get_progress(worker->intake, &progress);
	snprintf(about, sizeof(about), "%lld %lld pid %d",
	    (long long)progress.newest, (long long)progress.waiting,
	    (int)getpid());
	heartbeat->asked_at = timestamp_monotonic();
	store_call_begin(&call, STORE_HEARTBEAT);
	store_call_text(&call, worker->owner);
	store_call_number(&call, worker->config->lease_ttl);
	store_call_text(&call, about);
	store_call_text(&call, dkim_signer_domains(worker->dkim));
	store_client_call(worker->store, &call, on_answer, heartbeat);
}

struct heartbeat *
heartbeat_new(struct worker *worker)
{
	struct heartbeat *heartbeat = calloc(1, sizeof(*heartbeat));
	uint64_t every = (uint64_t)worker->config->lease_ttl / 3;

	if (heartbeat == NULL)
		abort();
	heartbeat->worker = worker;
	heartbeat->timer.data = heartbeat;
	/* Neither fails on a fresh handle. */
	(void)uv_timer_init(worker->loop, &heartbeat->timer);
	(void)uv_timer_start(&heartbeat->timer, beat, 0, every);
	return heartbeat;
}

void
heartbeat_free(struct heartbeat *heartbeat)
{
	if (heartbeat != NULL)
		uv_close((uv_handle_t *)&heartbeat->timer, destroy);
}

bool
heartbeat_holds(const struct heartbeat *heartbeat)
{
	int64_t ttl = heartbeat->worker->config->lease_ttl;
	int64_t margin = ttl / 3 < MARGIN ? ttl / 3 : MARGIN;

	return heartbeat->answered_at != 0 &&
	    timestamp_monotonic() < heartbeat->answered_at + ttl - margin;
}

int64_t
heartbeat_held_for(const struct heartbeat *heartbeat)
{
	return heartbeat_holds(heartbeat) ?
	    timestamp_monotonic() - heartbeat->held_since :
	    0;
}

int64_t
heartbeat_redis_time(const struct heartbeat *heartbeat)
{
	return heartbeat->ahead != 0 ?
	    timestamp_monotonic() + heartbeat->ahead :
	    timestamp_now();
}
