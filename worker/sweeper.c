/* SPDX-License-Identifier: MIT */
/* Puts right what nobody looks after. */
#include "sweeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hint.h"
#include "log.h"
#include "outbound.h"
#include "recovery.h"
#include "republish.h"
#include "store_client.h"
#include "timestamp.h"
#include "worker.h"

#define ROUND 1000 /* jobs looked at in one */
#define DEAD_MAX 16 /* owners watched at a time */

/* An owner seen dead, and since when. */
struct dead {
	char owner[ID_MAX + 1];
	int64_t since; /* monotonic ms; 0: a free place */
	bool busy; /* its recovery is under way */
	struct sweeper *sweeper;
};

struct sweeper {
	struct worker *worker;
	uv_timer_t timer;
	bool asking;
	struct dead dead[DEAD_MAX];
};

/* -- the outbox ------------------------------------------------------------- */

static void
publish(struct worker *worker, redisReply *const *row)
{
	const struct hint_parts parts = {
		.id = row[0]->str,
		.next_at = row[1]->integer,
		.payload = row[2]->str,
		.payload_len = (size_t)row[2]->len,
		.results = row[3]->str,
		.results_len = (size_t)row[3]->len,
	};

	republish_hint(worker, &parts);
}

static void
publish_all(struct worker *worker, const redisReply *rows)
{
	size_t i, n = rows->elements / 4;

	if (n > 0)
		log_debug("publishing what waits in the outbox", "jobs",
		    log_number((int64_t)n), NULL);
	for (i = 0; i < n; i++)
		publish(worker, &rows->element[4 * i]);
}

/* -- the dead --------------------------------------------------------------- */

static void
on_recovered(void *arg, int64_t settled)
{
	struct dead *dead = arg;

	dead->busy = false;
	if (settled >= 0)
		dead->since = 0; /* no more to do: the place is free */
}

static struct dead *
watch(struct sweeper *sweeper, const char *owner)
{
	struct dead *place = NULL;
	size_t i;

	for (i = 0; i < DEAD_MAX; i++) {
		if (sweeper->dead[i].since == 0)
			place = &sweeper->dead[i];
		else if (strcmp(sweeper->dead[i].owner, owner) == 0)
			return &sweeper->dead[i];
	}
	if (place == NULL)
		return NULL; /* the next round has a place */
	snprintf(place->owner, sizeof(place->owner), "%s", owner);
	place->since = timestamp_monotonic();
	place->sweeper = sweeper;
	place->busy = false;
	return place;
}

/*
 * Nobody is judged dead by a Redis that was away itself a moment ago: leases
 * may have run out in that time. Its journal decides where it lies here;
 * elsewhere its host may bring it back within UNKNOWN_GRACE.
 */
static void
recover(struct sweeper *sweeper, const char *owner)
{
	struct worker *worker = sweeper->worker;
	struct store_client_status redis;
	struct dead *dead;
	bool grace_over;

	store_client_get_status(worker->store, &redis);
	if (redis.up_for < 2 * worker->config->lease_ttl ||
	    strcmp(owner, worker->owner) == 0)
		return;
	dead = watch(sweeper, owner);
	if (dead == NULL || dead->busy)
		return;
	grace_over = timestamp_monotonic() - dead->since >=
	    worker->config->unknown_grace;
	dead->busy = true;
	recovery_start(worker, owner,
	    grace_over ? RECOVERY_UNKNOWN : RECOVERY_JOURNAL, on_recovered,
	    dead);
}

/* -- a round ----------------------------------------------------------------- */

static void
on_swept(void *arg, const redisReply *reply)
{
	struct sweeper *sweeper = arg;
	const redisReply *rows;
	size_t i;

	if (reply == NULL)
		return; /* the process ends */
	sweeper->asking = false;
	if (reply->type != REDIS_REPLY_ARRAY) {
		log_error("a sweep was refused", "why", reply->str, NULL);
		return;
	}
	if (reply->elements < 3)
		return; /* another worker sweeps */
	publish_all(sweeper->worker, reply->element[0]);
	rows = reply->element[1];
	for (i = 0; i < rows->elements; i++)
		recover(sweeper, rows->element[i]->str);
	rows = reply->element[2];
	for (i = 0; i + 2 < rows->elements; i += 3)
		recovery_unknown(sweeper->worker, rows->element[i]->str,
		    rows->element[i + 1]->str, rows->element[i + 2]->integer);
}

static void
sweep(uv_timer_t *timer)
{
	struct sweeper *sweeper = timer->data;
	struct worker *worker = sweeper->worker;
	const struct config *config = worker->config;
	struct store_call call;

	if (sweeper->asking || worker->stopping)
		return;
	sweeper->asking = true;
	store_call_begin(&call, STORE_SWEEP);
	store_call_text(&call, worker->owner);
	store_call_number(&call, 3 * config->sweep_interval);
	store_call_number(&call, ROUND);
	store_call_number(&call, config->outbox_after);
	store_call_number(&call, config->overdue_after);
	store_call_number(&call, config->outbox_cap);
	store_call_number(&call, HINT_CONTENT_MAX);
	store_call_number(&call,
	    broker_takes(outbound_state(worker->outbound, NULL)));
	store_client_call(worker->store, &call, on_swept, sweeper);

	store_call_begin(&call, STORE_FORGET);
	store_call_number(&call, ROUND);
	store_client_call(worker->store, &call, NULL, NULL);
}

struct sweeper *
sweeper_new(struct worker *worker)
{
	struct sweeper *sweeper = calloc(1, sizeof(*sweeper));
	uint64_t every = (uint64_t)worker->config->sweep_interval;

	if (sweeper == NULL)
		abort();
	sweeper->worker = worker;
	sweeper->timer.data = sweeper;
	/* Neither fails on a fresh handle. */
	(void)uv_timer_init(worker->loop, &sweeper->timer);
	(void)uv_timer_start(&sweeper->timer, sweep, every, every);
	return sweeper;
}

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

void
sweeper_free(struct sweeper *sweeper)
{
	if (sweeper != NULL)
		uv_close((uv_handle_t *)&sweeper->timer, on_closed);
}
