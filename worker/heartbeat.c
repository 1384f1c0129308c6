/* SPDX-License-Identifier: MIT */
/* Renews the lease and knows how long it surely stands. */
#include "heartbeat.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dkim.h"
#include "intake.h"
#include "log.h"
#include "store_client.h"
#include "timestamp.h"
#include "worker.h"

/*
 * ms, or a third of LEASE_TTL: clocks, and the way to Redis. Others count on it
 * when they judge an owner dead, so it is no setting.
 */
#define MARGIN 5000
#define PAUSED_EVERY 1000 /* ms between heartbeats while something is paused */

struct heartbeat {
	struct worker *worker;
	uv_timer_t timer;
	uint64_t every; /* ms */
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

/* One program notes for the record what another never takes. */
static void
note_differing(struct worker *worker, bool differs)
{
	if (differs && !worker->record_differs)
		log_warning("programs at this Redis differ in DATABASE_URL: "
			    "all must have the same, or none",
		    NULL);
	else if (!differs && worker->record_differs)
		log_info("programs at this Redis agree on DATABASE_URL", NULL);
	worker->record_differs = differs;
}

/* While something is paused it is asked more often, so that the end is known. */
static void
read_answer(struct heartbeat *heartbeat, const redisReply *reply)
{
	const bool any =
	    reply->type == REDIS_REPLY_ARRAY && reply->elements == 4;
	struct pause pause = { 0 };

	heartbeat->ahead =
	    (any ? reply->element[0] : reply)->integer - timestamp_monotonic();
	if (any) {
		pause.since = reply->element[1]->integer;
		pause.domains = (size_t)reply->element[2]->integer;
	}
	pause_set(&heartbeat->worker->pause, &pause);
	note_differing(heartbeat->worker,
	    any && reply->element[3]->integer != 0);
	uv_timer_set_repeat(&heartbeat->timer,
	    any && heartbeat->every > PAUSED_EVERY ? PAUSED_EVERY :
						     heartbeat->every);
}

static void
on_answer(void *arg, const redisReply *reply)
{
	struct heartbeat *heartbeat = arg;
	const bool held = heartbeat_holds(heartbeat);
	const bool paused = heartbeat->worker->pause.since != 0;

	if (reply != NULL)
		heartbeat->answered_at = heartbeat->asked_at;
	if (!held)
		heartbeat->held_since = timestamp_monotonic();
	if (reply != NULL && reply->type != REDIS_REPLY_ERROR)
		read_answer(heartbeat, reply);
	heartbeat->asked_at = 0;
	if (reply == NULL)
		return; /* the process ends */
	if (!heartbeat_holds(heartbeat))
		beat(&heartbeat->timer); /* asked before Redis was away */
	else if (!held || paused != (heartbeat->worker->pause.since != 0))
		intake_pump(heartbeat->worker->intake);
}

/*
 * How far the lanes' queues have come here, and our pid. Normal's numbers are
 * the first: older workers know but these.
 */
static void
describe(const struct worker *worker, struct buffer *about)
{
	struct waiting_progress progress = { 0 };
	int lane;

	for (lane = 0; lane < LANE__MAX; lane++) {
		if (worker->intake != NULL)
			progress =
			    intake_get_lane(worker->intake, (enum lane)lane)
				.progress;
		if (lane != LANE_NORMAL)
			buffer_printf(about, " %s ", lane_names[lane]);
		buffer_printf(about, "%lld %lld", (long long)progress.newest,
		    (long long)progress.oldest);
	}
	buffer_printf(about, " pid %d", (int)getpid());
}

static void
beat(uv_timer_t *timer)
{
	struct heartbeat *heartbeat = timer->data;
	struct worker *worker = heartbeat->worker;
	struct store_call call;
	struct buffer about = { 0 };

	if (heartbeat->asked_at != 0)
		return;
	describe(worker, &about);
	heartbeat->asked_at = timestamp_monotonic();
	store_call_begin(&call, STORE_HEARTBEAT);
	store_call_text(&call, worker->owner);
	store_call_number(&call, worker->config->lease_ttl);
	store_call_bytes(&call, about.data, about.len);
	store_call_text(&call, dkim_signer_domains(worker->dkim));
	store_client_call(worker->store, &call, on_answer, heartbeat);
	buffer_free(&about);
}

struct heartbeat *
heartbeat_new(struct worker *worker)
{
	struct heartbeat *heartbeat = calloc(1, sizeof(*heartbeat));

	if (heartbeat == NULL)
		abort();
	heartbeat->worker = worker;
	heartbeat->timer.data = heartbeat;
	heartbeat->every = (uint64_t)worker->config->lease_ttl / 3;
	/* Neither fails on a fresh handle. */
	(void)uv_timer_init(worker->loop, &heartbeat->timer);
	(void)uv_timer_start(&heartbeat->timer, beat, 0, heartbeat->every);
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
