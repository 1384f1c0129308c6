/* SPDX-License-Identifier: MIT */
/*
 * From the `accept` script's reply to the publisher, and from its confirm to
 * the `published` script. The commit thread owns the list of jobs that go to
 * the publisher after this turn.
 */
#include "commit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_metrics.h"
#include "confirmations.h"
#include "hint.h"
#include "log.h"
#include "mail_trace.h"
#include "store.h"
#include "timestamp.h"

#define HINT_FRAME 128 /* bytes, at most, around a hint's payload */
#define BATCHES 4 /* confirmed while Redis is busy with one */

struct commit {
	const struct config *config;
	struct pipeline *pipeline;
	struct publisher *publisher;
	struct confirmations *confirmations;
	struct durability durability;
	char queues[LANE__MAX][LANE_QUEUE_SIZE];
	struct refusal refusal;
	atomic_size_t unconfirmed; /* given to the publisher, not yet told on */
	/* the commit thread's own */
	struct publish *first, **end;
	int64_t turn_len; /* how many these are */
};

static struct commit_job *
job_of_call(struct pipeline_call *call)
{
	return (void *)((char *)call - offsetof(struct commit_job, call));
}

static struct commit_mail *
mail_of_publish(struct publish *publish)
{
	return (
	    void *)((char *)publish - offsetof(struct commit_mail, publish));
}

static void
job_end(struct commit_job *one, enum commit_result result)
{
	pipeline_call_drop(&one->call);
	commit_job_end_spans(one, commit_result_errors[result]);
	free(one->tracestate);
	one->tracestate = NULL;
	one->done(one, result);
}

/* -- the broker ------------------------------------------------------------ */

static void
published(struct publish *publish, enum publish_result result)
{
	struct commit_mail *mail = mail_of_publish(publish);
	struct commit_job *one = mail->job;
	struct commit *commit = one->commit;
	const bool confirmed = result == PUBLISH_CONFIRMED;

	buffer_free(&mail->hint);
	span_end(&mail->sending, confirmed ? NULL : "not_confirmed", NULL);
	metrics_add(&metric_accepted, confirmed ? 0 : 1, 1);
	if (confirmed)
		confirmations_add(commit->confirmations, mail->id,
		    mail->next_at);
	else
		atomic_store(&one->kept, true);
	if (atomic_fetch_sub(&one->waiting, 1) == 1)
		job_end(one,
		    atomic_load(&one->kept) ? COMMIT_KEPT : COMMIT_CONFIRMED);
	atomic_fetch_sub(&commit->unconfirmed, 1);
}

/* The confirm may take its time, as far as Redis has left some. */
static int64_t
confirm_deadline(const struct commit_job *one)
{
	const int64_t wait =
	    timestamp_monotonic() + one->commit->config->accept_timeout;
	const int64_t last = one->call.deadline + CONFIG_ANSWER_GRACE / 2;

	return wait < last ? wait : last;
}

static void
publish_later(struct commit *commit, struct commit_mail *mail)
{
	const struct commit_job *one = mail->job;
	struct hint_parts parts = { .id = mail->id,
		.next_at = mail->next_at,
		.expires_at = mail->expires_at };

	/* From what Redis got: so a large mail is in hand only once. */
	parts.payload = store_argument(one->call.arguments + mail->arguments_at,
	    STORE_ACCEPT_PAYLOAD, &parts.payload_len);
	if (parts.payload_len <= HINT_CONTENT_MAX)
		buffer_reserve(&mail->hint, parts.payload_len + HINT_FRAME);
	hint_encode(&parts, &mail->hint);
	/* The queue's name was checked with the configuration. */
	(void)ladder_route(&mail->route, mail->delay - LADDER_SOONER,
	    commit->queues[mail->lane]);
	mail->publish = (struct publish){
		.exchange = mail->route.exchange,
		.routing_key = mail->route.routing_key,
		.message_id = mail->id,
		.traceparent =
		    mail->traceparent[0] != '\0' ? mail->traceparent : NULL,
		.tracestate = one->tracestate,
		.body = mail->hint.data,
		.body_len = mail->hint.len,
		.done = published,
		.deadline = confirm_deadline(one),
	};
	*commit->end = &mail->publish;
	commit->end = &mail->publish.next;
	commit->turn_len++;
	atomic_fetch_add(&commit->unconfirmed, 1);
}

/* The turn is over: what it committed goes to the publisher in one piece. */
static void
turned(void *arg)
{
	struct commit *commit = arg;
	struct publish *list = commit->first;

	commit->first = NULL;
	commit->end = &commit->first;
	if (list == NULL)
		return;
	metrics_observe(&metric_group, 0, commit->turn_len);
	commit->turn_len = 0;
	publisher_send(commit->publisher, list);
}

/* -- Redis ----------------------------------------------------------------- */

/* What went wrong; COMMIT_CONFIRMED when nothing did. */
static enum commit_result
failure_of(struct commit *commit, enum pipeline_result result,
    const redisReply *reply)
{
	if (result != PIPELINE_REPLIED)
		return result == PIPELINE_NO_REPLY ? COMMIT_UNKNOWN :
						     COMMIT_UNAVAILABLE;
	switch (store_error_of(reply)) {
	case STORE_OK:
		refusal_note(&commit->refusal, NULL);
		return COMMIT_CONFIRMED;
	case STORE_REFUSED:
		refusal_note(&commit->refusal, reply->str);
		return COMMIT_REFUSED;
	case STORE_NO_REPLY:
		return COMMIT_UNKNOWN;
	case STORE_NO_SCRIPT:
	case STORE_FAULT:
		break;
	}
	log_error("redis answered `accept` with an error", "why", reply->str,
	    NULL);
	return COMMIT_FAULT;
}

/*
 * Whether the first request of this key was answered that its mail was kept, or
 * would be: its confirm is not known, and is no more waited for.
 */
static bool
is_kept(struct commit *commit, const struct store_accept_reply *first)
{
	return first->waits &&
	    (first->age >= commit->config->accept_timeout ||
		commit_broker(commit, NULL) != BROKER_UP);
}

static void
used_before(struct commit_job *one, const struct store_accept_reply *first)
{
	commit_job_end_spans(one, NULL);
	if (first->answer == STORE_ACCEPT_AGAIN)
		commit_job_repeat(one, first);
	snprintf(one->id, sizeof(one->id), "%s", first->id);
	if (first->answer == STORE_ACCEPT_DIFFERS) {
		snprintf(one->differs, sizeof(one->differs), "%s",
		    first->field);
		job_end(one, COMMIT_DIFFERS);
	} else {
		job_end(one,
		    is_kept(one->commit, first) ? COMMIT_REPEATED_KEPT :
						  COMMIT_REPEATED);
	}
}

/* Those that have failed at once are not published. */
static void
publish_all(struct commit_job *one)
{
	size_t i, waiting = 0;

	for (i = 0; i < one->len; i++)
		waiting += one->mails[i].next_at > 0;
	metrics_add(&metric_accepted, 0, (int64_t)(one->len - waiting));
	if (waiting == 0) {
		job_end(one, COMMIT_CONFIRMED);
		return;
	}
	atomic_store(&one->waiting, waiting);
	for (i = 0; i < one->len; i++)
		if (one->mails[i].next_at > 0)
			publish_later(one->commit, &one->mails[i]);
	pipeline_call_drop(&one->call);
}

static void
accepted(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct commit_job *one = job_of_call(call);
	enum commit_result failure = failure_of(one->commit, result, reply);
	struct store_accept_reply accept;

	span_end(&one->keeping, commit_result_errors[failure], NULL);
	if (failure != COMMIT_CONFIRMED) {
		job_end(one, failure);
	} else if (commit_job_read(one, reply, &accept) == 0) {
		publish_all(one);
	} else if (accept.answer == STORE_ACCEPT_AGAIN ||
	    accept.answer == STORE_ACCEPT_DIFFERS) {
		metrics_add(&metric_repeated, 0, 1);
		used_before(one, &accept);
	} else {
		log_error("redis' answer to `accept` is not in its shape", "id",
		    one->id, "trace", traceparent_id(one->mails->traceparent),
		    NULL);
		job_end(one, COMMIT_FAULT);
	}
}

static void
probed(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct commit_job *one = job_of_call(call);
	const enum commit_result failure =
	    failure_of(one->commit, result, reply);
	size_t i;

	/* Percent of maxmemory, then what the operator has paused: name, since... */
	if (failure == COMMIT_CONFIRMED)
		one->memory_used = reply->element[0]->integer;
	for (i = 1; failure == COMMIT_CONFIRMED && i < reply->elements;
	     i += 2) {
		if (strcmp(reply->element[i]->str, "*") == 0)
			one->paused = true;
		else
			one->paused_domains++;
	}
	job_end(one, failure);
}

static void
connected(void *arg, redisContext *redis)
{
	struct commit *commit = arg;

	durability_check(&commit->durability, redis);
}

/* -- a job, or a question, on its way -------------------------------------- */

static void
begin(struct commit *commit, struct commit_job *one, int64_t deadline)
{
	one->commit = commit;
	one->mails = &one->one;
	one->len = 1;
	atomic_init(&one->kept, false);
	one->memory_used = 0;
	one->call.deadline = deadline;
	one->call.keep = true;
	one->call.joins = false;
}

static void
begin_probe(struct commit *commit, struct commit_job *one, int64_t deadline)
{
	struct store_call script;

	begin(commit, one, deadline);
	one->id[0] = '\0';
	one->paused = false;
	one->paused_domains = 0;
	store_call_begin(&script, STORE_ROOM);
	pipeline_call_set(&one->call, &script);
	one->call.done = probed;
}

/* -- what goes along with a turn ------------------------------------------- */

static void
own_probe_done(struct commit_job *one, enum commit_result result)
{
	(void)result; /* noted by failure_of() */
	free(one);
}

/* A refusal is over when Redis says so, also when no mail comes. */
static struct pipeline_call *
own_probe(struct commit *commit)
{
	struct commit_job *one = calloc(1, sizeof(*one));

	if (one == NULL)
		abort();
	one->done = own_probe_done;
	begin_probe(commit, one, INT64_MAX);
	return &one->call;
}

static struct pipeline_call *
more(void *arg, bool last_turn)
{
	struct commit *commit = arg;
	struct pipeline_call *calls =
	    confirmations_take(commit->confirmations, last_turn);
	struct pipeline_call *probe;

	if (!refusal_is_doubtful(&commit->refusal))
		return calls;
	probe = own_probe(commit);
	probe->next = calls;
	return probe;
}

static bool
more_soon(void *arg)
{
	struct commit *commit = arg;

	return atomic_load(&commit->unconfirmed) > 0 ||
	    confirmations_waiting(commit->confirmations) ||
	    refusal_stands(&commit->refusal);
}

/* -- the interface --------------------------------------------------------- */

void
commit_send(struct commit *commit, struct commit_job *one,
    const struct job *job, const struct idempotency *key, int64_t deadline)
{
	begin(commit, one, deadline);
	one->keeping = mail_trace_keep(one->one.sending);
	commit_job_fill(one, job, key, commit->config->idempotency_ttl);
	one->call.joins = true;
	one->call.done = accepted;
	pipeline_send(commit->pipeline, &one->call);
}

void
commit_send_batch(struct commit *commit, struct commit_job *one,
    const struct commit_batch *batch, int64_t deadline)
{
	begin(commit, one, deadline);
	one->keeping = mail_trace_keep(batch->span);
	commit_job_fill_batch(one, batch, commit->config->idempotency_ttl);
	one->call.done = accepted;
	pipeline_send(commit->pipeline, &one->call);
}

void
commit_probe(struct commit *commit, struct commit_job *one, int64_t deadline)
{
	begin_probe(commit, one, deadline);
	pipeline_send(commit->pipeline, &one->call);
}

struct commit *
commit_new(const struct config *config)
{
	struct commit *commit = calloc(1, sizeof(*commit));
	struct publisher_options publisher = {
		.config = config,
		.confirm_timeout = config->accept_timeout,
	};
	struct pipeline_options pipeline = {
		.config = config,
		.name = "commits",
		.gathers = true,
		.connected = connected,
		.more = more,
		.more_soon = more_soon,
		.turned = turned,
		.arg = commit,
	};
	int lane;

	if (commit == NULL)
		return NULL;
	commit->config = config;
	commit->end = &commit->first;
	durability_init(&commit->durability);
	for (lane = 0; lane < LANE__MAX; lane++)
		lane_queue(commit->queues[lane], (enum lane)lane,
		    config->queue);
	refusal_init(&commit->refusal, config->reconnect_cap);
	commit->confirmations = confirmations_new(
	    (size_t)config->max_requests * 2 + BATCHES * COMMIT_MAILS_MAX);
	if (commit->confirmations != NULL)
		commit->publisher = publisher_new(&publisher);
	if (commit->publisher != NULL)
		commit->pipeline = pipeline_new(&pipeline);
	if (commit->pipeline != NULL)
		return commit;
	commit_free(commit);
	return NULL;
}

void
commit_free(struct commit *commit)
{
	if (commit == NULL)
		return;
	/* The publisher first: its confirms go into the last turn of Redis. */
	publisher_free(commit->publisher);
	pipeline_free(commit->pipeline);
	confirmations_free(commit->confirmations);
	durability_destroy(&commit->durability);
	refusal_destroy(&commit->refusal);
	free(commit);
}

bool
commit_is_up(struct commit *commit)
{
	return pipeline_is_up(commit->pipeline);
}

enum broker_state
commit_broker(struct commit *commit, int64_t *latency)
{
	return publisher_state(commit->publisher, latency);
}

struct publisher *
commit_publisher(struct commit *commit)
{
	return commit->publisher;
}

void
commit_confirmed(struct commit *commit, const char *id, int64_t next_at)
{
	confirmations_add(commit->confirmations, id, next_at);
}

struct durability *
commit_durability(struct commit *commit)
{
	return &commit->durability;
}

struct refusal *
commit_refusal(struct commit *commit)
{
	return &commit->refusal;
}
