/* SPDX-License-Identifier: MIT */
/* Puts right what nobody looks after. */
#include "sweeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drain.h"
#include "heartbeat.h"
#include "hint.h"
#include "intake.h"
#include "known_store.h"
#include "log.h"
#include "outbound.h"
#include "recovery.h"
#include "redriver.h"
#include "store_client.h"
#include "timestamp.h"
#include "worker.h"

#define ROUND 500 /* jobs looked at in one */
#define DEAD_MAX 16 /* owners watched at a time */
#define STOPPED_AFTER 4 /* LEASE_TTLs: no process is that slow, it is stopped */

/* An owner seen dead, and since when. */
struct dead {
	char owner[ID_MAX + 1];
	int64_t since; /* monotonic ms; 0: a free place */
	bool busy; /* its recovery is under way */
	struct sweeper *sweeper;
};

struct sweeper {
	struct worker *worker;
	struct redriver *redriver;
	uv_timer_t timer;
	bool asking, forgetting, draining;
	bool more; /* the last round left something to publish */
	int64_t ours_at; /* monotonic ms: what is ours was compared */
	int64_t
	    broker_at; /* monotonic ms since when it takes; 0: it does not */
	struct dead dead[DEAD_MAX];
};

static void sweep(struct sweeper *);
static void forget(struct sweeper *);

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

/* One that is not dead any more was only stopped, or Redis away. */
static void
forget_the_living(struct sweeper *sweeper, const redisReply *dead)
{
	size_t i, k;

	for (i = 0; i < DEAD_MAX; i++) {
		for (k = 0; k < dead->elements; k++)
			if (strcmp(sweeper->dead[i].owner,
				dead->element[k]->str) == 0)
				break;
		if (k == dead->elements && !sweeper->dead[i].busy)
			sweeper->dead[i].since = 0;
	}
}

/*
 * Nobody is judged by a Redis that was away itself a moment ago: leases may
 * have run out in that time. Our own is the measure: an outage that others'
 * did not outlive, ours did not either.
 */
static bool
may_judge(const struct worker *worker)
{
	const int64_t settled = 2 * worker->config->lease_ttl;
	struct store_client_status redis;

	store_client_get_status(worker->store, &redis);
	return redis.up_for >= settled &&
	    heartbeat_held_for(worker->heartbeat) >= settled;
}

/*
 * Its journal decides where it lies here; elsewhere its host may bring it back
 * within UNKNOWN_GRACE.
 */
static void
recover(struct sweeper *sweeper, const char *owner)
{
	struct worker *worker = sweeper->worker;
	const struct config *config = worker->config;
	unsigned rights = RECOVERY_JOURNAL;
	struct dead *dead;
	int64_t gone;

	if (strcmp(owner, worker->owner) == 0)
		return;
	dead = watch(sweeper, owner);
	if (dead == NULL || dead->busy)
		return;
	gone = timestamp_monotonic() - dead->since;
	if (gone >= config->unknown_grace)
		rights |= RECOVERY_UNKNOWN;
	if (gone >= STOPPED_AFTER * config->lease_ttl)
		rights |= RECOVERY_STOPPED;
	dead->busy = true;
	recovery_start(worker, owner, rights, on_recovered, dead);
}

static void
judge(struct sweeper *sweeper, const redisReply *dead,
    const redisReply *forsaken)
{
	redisReply *const *row = forsaken->element;
	size_t i;

	forget_the_living(sweeper, dead);
	if (!may_judge(sweeper->worker))
		return;
	for (i = 0; i < dead->elements; i++)
		recover(sweeper, dead->element[i]->str);
	for (i = 0; i + 2 < forsaken->elements; i += 3)
		recovery_unknown(sweeper->worker, row[i]->str, row[i + 1]->str,
		    row[i + 2]->integer);
}

/* -- a round ----------------------------------------------------------------- */

static void
tell_overdue(struct worker *worker, const redisReply *ids)
{
	size_t i;

	for (i = 0; i < ids->elements; i++)
		log_info("a mail was overdue: its message is published again",
		    "id", ids->element[i]->str, NULL);
	if (ids->elements > 0)
		log_warning("mails were overdue", "mails",
		    log_number((int64_t)ids->elements), NULL);
	worker->overdue += ids->elements;
}

static void
tell_expired(struct worker *worker, const redisReply *ids)
{
	size_t i;

	for (i = 0; i < ids->elements; i++)
		log_info("mail", "id", ids->element[i]->str, "status", "failed",
		    "reason", "expired", NULL);
	worker->failed += ids->elements;
}

/* There is more of it: with no wait but for the broker. */
static void
on_drained(void *arg, bool confirmed)
{
	struct sweeper *sweeper = arg;

	sweeper->draining = false;
	if (confirmed && sweeper->more &&
	    known_store_is_same(sweeper->worker->known_store))
		sweep(sweeper);
}

static void
on_swept(void *arg, const redisReply *reply)
{
	struct sweeper *sweeper = arg;
	redisReply *const *part;

	if (reply == NULL)
		return; /* the process ends */
	sweeper->asking = false;
	if (reply->type != REDIS_REPLY_ARRAY) {
		log_error("a sweep was refused", "why", reply->str, NULL);
		return;
	}
	if (reply->elements < 7 ||
	    !known_store_is_same(sweeper->worker->known_store))
		return; /* another worker sweeps, or nobody may */
	part = reply->element;
	sweeper->more = part[1]->integer != 0;
	judge(sweeper, part[3], part[4]);
	tell_overdue(sweeper->worker, part[5]);
	tell_expired(sweeper->worker, part[6]);
	if (part[2]->elements > 0) {
		sweeper->draining = true;
		drain_start(sweeper->worker, part[2], part[0]->integer,
		    on_drained, sweeper);
	} else if (sweeper->more && !sweeper->draining) {
		sweep(sweeper);
	}
}

/* How long the broker has taken messages, ms; -1: it does not. */
static int64_t
broker_taking_for(struct sweeper *sweeper)
{
	const struct worker *worker = sweeper->worker;
	const int64_t now = timestamp_monotonic();

	if (!broker_takes(outbound_state(worker->outbound, NULL))) {
		sweeper->broker_at = 0;
		return -1;
	}
	if (sweeper->broker_at == 0)
		sweeper->broker_at = now;
	return now - sweeper->broker_at;
}

/*
 * A relay that is away keeps mail in the queue, a pause does; so did a broker
 * just back.
 */
static bool
looks_for_overdue(const struct worker *worker, int64_t taking_for)
{
	return !relays_are_down(worker->relays, RELAYS_ALL) &&
	    worker->pause.since == 0 &&
	    taking_for >= worker->config->overdue_after;
}

static void
sweep(struct sweeper *sweeper)
{
	struct worker *worker = sweeper->worker;
	const struct config *config = worker->config;
	const int64_t taking_for = broker_taking_for(sweeper);
	struct intake_lane of;
	struct store_call call;
	int lane;

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
	store_call_number(&call, taking_for >= 0 && !sweeper->draining);
	store_call_number(&call, looks_for_overdue(worker, taking_for));
	store_call_number(&call, 2 * config->lease_ttl);
	store_call_number(&call, config->failed_ttl);
	for (lane = 0; lane < LANE__MAX; lane++) {
		of = intake_get_lane(worker->intake, (enum lane)lane);
		store_call_number(&call, of.depth);
		store_call_number(&call, of.empty_for);
	}
	store_client_call(worker->store, &call, on_swept, sweeper);
}

static void
on_forgotten(void *arg, const redisReply *reply)
{
	struct sweeper *sweeper = arg;

	if (reply == NULL)
		return; /* the process ends */
	sweeper->forgetting = false;
	if (reply->type == REDIS_REPLY_INTEGER && reply->integer == ROUND)
		forget(sweeper); /* there may be more */
}

static void
forget(struct sweeper *sweeper)
{
	struct store_call call;

	if (sweeper->forgetting || sweeper->worker->stopping)
		return;
	sweeper->forgetting = true;
	store_call_begin(&call, STORE_FORGET);
	store_call_number(&call, ROUND);
	store_call_number(&call, sweeper->worker->config->job_ttl);
	store_client_call(sweeper->worker->store, &call, on_forgotten, sweeper);
}

/* What each worker does for itself, whoever sweeps. */
static void
compare_ours(struct sweeper *sweeper)
{
	const int64_t now = timestamp_monotonic();

	if (now - sweeper->ours_at < sweeper->worker->config->lease_ttl)
		return;
	sweeper->ours_at = now;
	recovery_of_ours(sweeper->worker);
}

static void
on_time(uv_timer_t *timer)
{
	const struct sweeper *sweeper = timer->data;

	if (!known_store_is_same(sweeper->worker->known_store))
		return;
	sweep(timer->data);
	forget(timer->data);
	compare_ours(timer->data);
	redriver_step(sweeper->redriver);
}

struct sweeper *
sweeper_new(struct worker *worker)
{
	struct sweeper *sweeper = calloc(1, sizeof(*sweeper));
	uint64_t every = (uint64_t)worker->config->sweep_interval;

	if (sweeper == NULL)
		abort();
	sweeper->worker = worker;
	sweeper->redriver = redriver_new(worker);
	sweeper->timer.data = sweeper;
	/* Neither fails on a fresh handle. */
	(void)uv_timer_init(worker->loop, &sweeper->timer);
	(void)uv_timer_start(&sweeper->timer, on_time, every, every);
	return sweeper;
}

static void
on_closed(uv_handle_t *timer)
{
	struct sweeper *sweeper = timer->data;

	redriver_free(sweeper->redriver);
	free(sweeper);
}

void
sweeper_free(struct sweeper *sweeper)
{
	if (sweeper != NULL)
		uv_close((uv_handle_t *)&sweeper->timer, on_closed);
}
