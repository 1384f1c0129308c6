/* SPDX-License-Identifier: MIT */
/* Takes ids from record:dirty, reads the jobs, writes them, tells Redis. */
#include "recorder.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "id.h"
#include "log.h"
#include "recording.h"
#include "retry.h"
#include "store.h"
#include "suppression_record.h"
#include "timestamp.h"
#include "wakeup.h"

#define SUPPRESSION_LIST "suppressions:unrecorded"
#define DAY INT64_C(86400000) /* ms */

struct recorder {
	const struct config *config;
	const char *owner;
	pthread_t thread;
	int wakeup;
	atomic_bool stopping, up;
	atomic_llong waiting;

	/* the thread's own */
	redisContext *redis;
	struct record *record;
	struct presence redis_presence, record_presence;
	unsigned failures; /* one after the other */
	bool recorded; /* in this turn, and Redis said that it is our turn */
	struct snapshot jobs[RECORDING_MAX];
	size_t jobs_len;
	bool drops; /* the last step of the retention was a whole one */
	int64_t dropped_at; /* monotonic ms */
};

/* -- connections -------------------------------------------------------------- */

static void
lose_redis(struct recorder *recorder, const char *why)
{
	presence_lost(&recorder->redis_presence, why);
	if (recorder->redis != NULL)
		redisFree(recorder->redis);
	recorder->redis = NULL;
	recorder->failures++;
}

static void
lose_record(struct recorder *recorder, const char *why)
{
	presence_lost(&recorder->record_presence, why);
	atomic_store(&recorder->up, false);
	record_close(recorder->record);
	recorder->record = NULL;
	recorder->failures++;
}

static int
connect_both(struct recorder *recorder)
{
	const struct record_options options = {
		.url = recorder->config->database_url,
		.timeout = recorder->config->record_timeout,
		.write = true,
	};
	char why[OUTAGE_WHY_SIZE];

	if (recorder->record == NULL) {
		recorder->record = record_open(&options, why);
		if (recorder->record == NULL) {
			lose_record(recorder, why);
			return -1;
		}
		presence_found(&recorder->record_presence);
		atomic_store(&recorder->up, true);
	}
	if (recorder->redis == NULL) {
		recorder->redis = store_connect(recorder->config->redis_url,
		    recorder->config->redis_timeout, why, sizeof(why));
		if (recorder->redis == NULL) {
			lose_redis(recorder, why);
			return -1;
		}
		presence_found(&recorder->redis_presence);
	}
	return 0;
}

/* NULL: Redis is lost; the caller frees it. */
static redisReply *
ask_redis(struct recorder *recorder, const struct store_call *call)
{
	redisReply *reply = NULL;
	char *command;
	size_t len;

	command = store_call_format(call, &len);
	if (redisAppendFormattedCommand(recorder->redis, command, len) !=
		REDIS_OK ||
	    redisGetReply(recorder->redis, (void **)&reply) != REDIS_OK) {
		reply = NULL;
		lose_redis(recorder, recorder->redis->errstr);
	} else if (store_error_of(reply) != STORE_OK) {
		lose_redis(recorder, reply->str);
		freeReplyObject(reply);
		reply = NULL;
	}
	redisFreeCommand(command);
	return reply;
}

/* A command of Redis' own; NULL: Redis is lost. The caller frees it. */
static redisReply *
ask_list(struct recorder *recorder, const char *format, ...)
{
	redisReply *reply;
	va_list arguments;

	va_start(arguments, format);
	reply = redisvCommand(recorder->redis, format, arguments);
	va_end(arguments);
	if (reply != NULL && reply->type != REDIS_REPLY_ERROR)
		return reply;
	lose_redis(recorder,
	    reply != NULL ? reply->str : recorder->redis->errstr);
	freeReplyObject(reply);
	return NULL;
}

/* -- a turn --------------------------------------------------------------------- */

static redisReply *
ask_unrecorded(struct recorder *recorder)
{
	const struct config *config = recorder->config;
	struct store_call call;

	store_call_begin(&call, STORE_UNRECORDED);
	store_call_text(&call, recorder->owner);
	store_call_number(&call,
	    2 * (config->record_interval + config->record_timeout));
	store_call_number(&call, RECORDING_MAX);
	return ask_redis(recorder, &call);
}

/* `reply` is {how many wait, job...}. */
static void
read_jobs(struct recorder *recorder, const redisReply *reply)
{
	struct snapshot *job;
	size_t i;

	recorder->jobs_len = 0;
	for (i = 1; i < reply->elements && i <= RECORDING_MAX; i++) {
		job = &recorder->jobs[recorder->jobs_len];
		if (snapshot_read(job, reply->element[i]) == 0)
			recorder->jobs_len++;
		else
			snapshot_free(
			    job); /* never seen: view.lua makes them */
	}
}

/* 0, or -1 with the record lost. */
static int
write_jobs(struct recorder *recorder)
{
	if (recorder->jobs_len == 0 ||
	    recording_write(recorder->record, recorder->jobs,
		recorder->jobs_len) == 0)
		return 0;
	lose_record(recorder, record_why(recorder->record));
	return -1;
}

static void
tell_recorded(struct recorder *recorder)
{
	struct buffer pairs = { 0 };
	const struct snapshot *job;
	struct store_call call;
	size_t i;

	for (i = 0; i < recorder->jobs_len; i++) {
		job = &recorder->jobs[i];
		buffer_printf(&pairs, "%s %lld ", job->field[SNAPSHOT_ID].data,
		    (long long)snapshot_number(job, SNAPSHOT_SEQ));
	}
	if (pairs.len > 0) {
		store_call_begin(&call, STORE_RECORDED);
		store_call_bytes(&call, pairs.data, pairs.len);
		/* When it is lost, they are recorded once more. */
		freeReplyObject(ask_redis(recorder, &call));
	}
	buffer_free(&pairs);
}

static void
free_jobs(struct recorder *recorder)
{
	while (recorder->jobs_len > 0)
		snapshot_free(&recorder->jobs[--recorder->jobs_len]);
}

/* true: there is more to do at once. */
static bool
record_some(struct recorder *recorder)
{
	redisReply *reply = ask_unrecorded(recorder);
	bool more = false;

	if (reply == NULL)
		return false;
	recorder->recorded = reply->elements > 0;
	atomic_store(&recorder->waiting,
	    recorder->recorded ? reply->element[0]->integer : -1);
	read_jobs(recorder, reply);
	if (write_jobs(recorder) == 0) {
		more = recorder->jobs_len == RECORDING_MAX;
		tell_recorded(recorder);
		recorder->failures = 0;
	}
	free_jobs(recorder);
	freeReplyObject(reply);
	return more && recorder->redis != NULL;
}

/* One change is forgotten at a time, by its text: others come behind. */
static void
forget_changes(struct recorder *recorder, const redisReply *changes)
{
	const redisReply *text;
	size_t i;

	for (i = 0; i < changes->elements && recorder->redis != NULL; i++) {
		text = changes->element[i];
		freeReplyObject(ask_list(recorder, "LREM %s 1 %b",
		    SUPPRESSION_LIST, text->str, (size_t)text->len));
	}
}

/* What changed while there was no record; true: there may be more of it. */
static bool
mirror_suppressions(struct recorder *recorder)
{
	struct store_call call;
	redisReply *reply;
	bool more;

	store_call_begin(&call, STORE_MIRROR);
	store_call_number(&call, SUPPRESSION_RECORD_MAX);
	reply = ask_redis(recorder, &call);
	more = reply != NULL && reply->integer == 1;
	freeReplyObject(reply);
	return more;
}

/* The changes of the suppression list; true: there is more to do at once. */
static bool
record_suppressions(struct recorder *recorder)
{
	redisReply *changes;
	bool more = false;

	if (!recorder->recorded || recorder->record == NULL ||
	    recorder->redis == NULL)
		return false;
	changes = ask_list(recorder, "LRANGE %s 0 %d", SUPPRESSION_LIST,
	    SUPPRESSION_RECORD_MAX - 1);
	if (changes == NULL)
		return false;
	if (changes->type == REDIS_REPLY_ARRAY && changes->elements > 0) {
		if (suppression_record_write(recorder->record, changes) == 0) {
			forget_changes(recorder, changes);
			more = changes->elements == SUPPRESSION_RECORD_MAX;
		} else {
			lose_record(recorder, record_why(recorder->record));
		}
	} else {
		more = mirror_suppressions(recorder);
	}
	freeReplyObject(changes);
	return more;
}

/* RECORD_DAYS, in small steps: one a turn, so that recording goes on. */
static void
drop_some(struct recorder *recorder)
{
	const struct config *config = recorder->config;
	const int64_t now = timestamp_monotonic();
	int dropped;

	if (config->record_days == 0 || !recorder->recorded ||
	    recorder->record == NULL ||
	    (!recorder->drops &&
		now - recorder->dropped_at < config->record_interval))
		return;
	recorder->dropped_at = now;
	dropped = recording_drop(recorder->record,
	    timestamp_now() - config->record_days * DAY);
	recorder->drops = dropped == RECORDING_MAX;
	if (dropped == -1)
		lose_record(recorder, record_why(recorder->record));
}

/* ms until the next turn. */
static int64_t
take_turn(struct recorder *recorder)
{
	const struct config *config = recorder->config;
	const struct retry_policy policy = { config->reconnect_base,
		config->reconnect_cap };
	bool more;

	recorder->recorded = false;
	if (connect_both(recorder) == 0) {
		more = record_some(recorder);
		more = record_suppressions(recorder) || more;
		drop_some(recorder);
		if (more || recorder->drops)
			return 0;
	}
	return recorder->failures > 0 ?
	    retry_delay(&policy, recorder->failures, id_random()) :
	    config->record_interval;
}

/* -- the thread ------------------------------------------------------------------ */

static void *
run(void *arg)
{
	struct recorder *recorder = arg;
	int64_t pause;

	while (!atomic_load(&recorder->stopping)) {
		pause = take_turn(recorder);
		if (pause > 0)
			wakeup_wait(recorder->wakeup, -1, (int)pause);
	}
	if (recorder->recorded &&
	    recorder->redis != NULL) /* the lock is ours */
		freeReplyObject(
		    redisCommand(recorder->redis, "DEL recorder:lock"));
	if (recorder->redis != NULL)
		redisFree(recorder->redis);
	record_close(recorder->record);
	return NULL;
}

struct recorder *
recorder_new(const struct config *config, const char *owner)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (recorder == NULL)
		abort();
	recorder->config = config;
	recorder->owner = owner;
	recorder->redis_presence.outage = &redis_outage;
	recorder->record_presence.outage = &record_outage;
	recorder->redis_presence.connection =
	    recorder->record_presence.connection = "recorder";
	recorder->wakeup = wakeup_open();
	if (recorder->wakeup != -1 &&
	    pthread_create(&recorder->thread, NULL, run, recorder) == 0) {
		/* For people who look at threads: it may fail. */
		(void)pthread_setname_np(recorder->thread, "recorder");
		return recorder;
	}
	if (recorder->wakeup != -1)
		close(recorder->wakeup);
	free(recorder);
	return NULL;
}

void
recorder_free(struct recorder *recorder)
{
	if (recorder == NULL)
		return;
	atomic_store(&recorder->stopping, true);
	wakeup_ring(recorder->wakeup);
	pthread_join(recorder->thread, NULL);
	close(recorder->wakeup);
	free(recorder);
}

void
recorder_get_status(struct recorder *recorder, struct recorder_status *status)
{
	status->up = atomic_load(&recorder->up);
	status->waiting = atomic_load(&recorder->waiting);
	outage_why(&record_outage, status->why);
}
