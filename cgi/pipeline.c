/* SPDX-License-Identifier: MIT */
/*
 * The turn: take what waits and exchange it with Redis; between turns, sleep and
 * keep the connection.
 */
#include "pipeline.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange.h"
#include "id.h"
#include "outage.h"
#include "retry.h"
#include "store.h"
#include "timestamp.h"
#include "wakeup.h"

#define GROUP_BYTES (1 << 20) /* a turn's commands; one may be larger */
#define MORE_PAUSE 50 /* ms until `more` is asked, if soon; nobody waits */
#define WHY_SIZE 128

struct pipeline {
	struct pipeline_options options;
	pthread_t thread;
	int bell;

	pthread_mutex_t lock; /* for these: */
	struct pipeline_group waiting;
	bool up;
	bool stopping;

	/* the thread's own */
	redisContext *redis; /* NULL: away */
	unsigned failures;
	int64_t retry_at; /* monotonic ms */
	struct presence presence; /* what the log was told */
};

/* -- the connection -------------------------------------------------------- */

static void
set_up(struct pipeline *pipeline, bool up)
{
	struct pipeline_group refused;

	pipeline_group_reset(&refused);
	pthread_mutex_lock(&pipeline->lock);
	pipeline->up = up;
	if (!up) {
		pipeline_group_add(&refused, pipeline->waiting.first);
		pipeline_group_reset(&pipeline->waiting);
	}
	pthread_mutex_unlock(&pipeline->lock);
	pipeline_group_end(&refused, PIPELINE_UNAVAILABLE);
}

static void
lose(struct pipeline *pipeline, const char *why)
{
	presence_lost(&pipeline->presence, why);
	redisFree(pipeline->redis);
	pipeline->redis = NULL;
	pipeline->retry_at = 0;
	set_up(pipeline, false);
}

static void
connect_failed(struct pipeline *pipeline, const char *why)
{
	const struct config *config = pipeline->options.config;
	const struct retry_policy policy = { config->reconnect_base,
		config->reconnect_cap };

	presence_lost(&pipeline->presence, why);
	pipeline->failures++;
	pipeline->retry_at = timestamp_monotonic() +
	    retry_delay(&policy, pipeline->failures, id_random());
}

static void
connect_now(struct pipeline *pipeline)
{
	const struct config *config = pipeline->options.config;
	char why[WHY_SIZE];

	pipeline->redis = store_connect(config->redis_url,
	    config->redis_timeout, why, sizeof(why));
	if (pipeline->redis == NULL) {
		connect_failed(pipeline, why);
		return;
	}
	if (pipeline->options.connected != NULL)
		pipeline->options.connected(pipeline->options.arg,
		    pipeline->redis);
	presence_found(&pipeline->presence);
	pipeline->failures = 0;
	set_up(pipeline, true);
}

/* Between turns nothing is to be read: then bytes or an end are its death. */
static void
check_alive(struct pipeline *pipeline)
{
	char byte;
	ssize_t n;

	if (pipeline->redis == NULL)
		return;
	n = recv(pipeline->redis->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n >= 0)
		lose(pipeline,
		    n == 0 ? "it closed the connection" : "it spoke unasked");
}

/* -- a turn ---------------------------------------------------------------- */

/* How long a reply is waited for, so that every call ends in time. */
static int64_t
reply_wait(const struct config *config)
{
	const int64_t most = config->accept_timeout + CONFIG_ANSWER_GRACE / 2;

	return config->redis_timeout < most ? config->redis_timeout : most;
}

/*
 * Up to group_max and GROUP_BYTES of what waits. A call that came too late for
 * its turn, behind those that Redis was slow with, is refused.
 */
static void
take_group(struct pipeline *pipeline, struct pipeline_group *group)
{
	const int64_t latest = timestamp_monotonic() +
	    reply_wait(pipeline->options.config) - CONFIG_ANSWER_GRACE;
	const size_t max = pipeline->options.group_max;
	struct pipeline_call *call;
	struct pipeline_group late;
	size_t n = 0, bytes = 0;

	pipeline_group_reset(&late);
	pthread_mutex_lock(&pipeline->lock);
	while (bytes < GROUP_BYTES && (max == 0 || n < max) &&
	    (call = pipeline_group_pop(&pipeline->waiting)) != NULL) {
		if (call->deadline <= latest) {
			pipeline_group_add(&late, call);
			continue;
		}
		pipeline_group_add(group, call);
		bytes += call->arguments_len;
		n++;
	}
	pthread_mutex_unlock(&pipeline->lock);
	pipeline_group_end(&late, PIPELINE_UNAVAILABLE);
}

static void
turn(struct pipeline *pipeline, bool last)
{
	const struct pipeline_options *options = &pipeline->options;
	struct pipeline_group group;
	const char *why;

	pipeline_group_reset(&group);
	take_group(pipeline, &group);
	if (options->more != NULL)
		pipeline_group_add(&group, options->more(options->arg, last));
	if (group.first == NULL)
		return;
	if (exchange_run(pipeline->redis, &group, reply_wait(options->config),
		&why) == -1)
		lose(pipeline, why);
	if (options->turned != NULL)
		options->turned(options->arg);
}

/* -- the thread ------------------------------------------------------------ */

/* Whether it is to end, and what waits is sent. */
static bool
is_over(struct pipeline *pipeline)
{
	bool over;

	pthread_mutex_lock(&pipeline->lock);
	over = pipeline->stopping && pipeline->waiting.first == NULL;
	pthread_mutex_unlock(&pipeline->lock);
	return over;
}

static int
pause_ms(struct pipeline *pipeline)
{
	const struct pipeline_options *options = &pipeline->options;
	int64_t left = pipeline->retry_at - timestamp_monotonic();
	bool more;

	if (pipeline->redis == NULL)
		return left > 0 ? (int)left : 0;
	pthread_mutex_lock(&pipeline->lock);
	more = pipeline->waiting.first != NULL;
	pthread_mutex_unlock(&pipeline->lock);
	if (more)
		return 0;
	more = options->more_soon != NULL && options->more_soon(options->arg);
	return more ? MORE_PAUSE : -1;
}

static void *
run(void *arg)
{
	struct pipeline *pipeline = arg;

	while (!is_over(pipeline)) {
		wakeup_wait(pipeline->bell,
		    pipeline->redis != NULL ? pipeline->redis->fd : -1,
		    pause_ms(pipeline));
		check_alive(pipeline);
		if (pipeline->redis == NULL &&
		    timestamp_monotonic() >= pipeline->retry_at)
			connect_now(pipeline);
		if (pipeline->redis != NULL)
			turn(pipeline, false);
	}
	if (pipeline->redis != NULL) {
		turn(pipeline, true);
		if (pipeline->redis != NULL)
			redisFree(pipeline->redis);
	}
	return NULL;
}

struct pipeline *
pipeline_new(const struct pipeline_options *options)
{
	struct pipeline *pipeline = calloc(1, sizeof(*pipeline));

	if (pipeline == NULL)
		return NULL;
	pipeline->options = *options;
	pipeline->presence.outage = &redis_outage;
	pipeline->presence.connection = options->name;
	pipeline_group_reset(&pipeline->waiting);
	pthread_mutex_init(&pipeline->lock, NULL);
	pipeline->bell = wakeup_open();
	if (pipeline->bell == -1)
		goto out;
	connect_now(pipeline);
	if (pthread_create(&pipeline->thread, NULL, run, pipeline) == 0) {
		/* For people who look at threads: it may fail. */
		(void)pthread_setname_np(pipeline->thread, options->name);
		return pipeline;
	}
	if (pipeline->redis != NULL)
		redisFree(pipeline->redis);
	close(pipeline->bell);
out:
	pthread_mutex_destroy(&pipeline->lock);
	free(pipeline);
	return NULL;
}

void
pipeline_free(struct pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	pthread_mutex_lock(&pipeline->lock);
	pipeline->stopping = true;
	pthread_mutex_unlock(&pipeline->lock);
	wakeup_ring(pipeline->bell);
	pthread_join(pipeline->thread, NULL);
	close(pipeline->bell);
	pthread_mutex_destroy(&pipeline->lock);
	free(pipeline);
}

void
pipeline_send(struct pipeline *pipeline, struct pipeline_call *call)
{
	bool up, first = false;

	call->next = NULL;
	call->resent = false;
	pthread_mutex_lock(&pipeline->lock);
	up = pipeline->up && !pipeline->stopping;
	if (up) {
		first = pipeline->waiting.first == NULL;
		pipeline_group_add(&pipeline->waiting, call);
	}
	pthread_mutex_unlock(&pipeline->lock);
	if (first)
		wakeup_ring(pipeline->bell);
	if (!up)
		pipeline_call_end(call, PIPELINE_UNAVAILABLE, NULL);
}

bool
pipeline_is_up(struct pipeline *pipeline)
{
	bool up;

	pthread_mutex_lock(&pipeline->lock);
	up = pipeline->up;
	pthread_mutex_unlock(&pipeline->lock);
	return up;
}
