/* SPDX-License-Identifier: MIT */
/*
 * From the `accept` script's reply to the publisher, and from its confirm to
 * the `published` script. The commit thread owns the list of jobs that go to
 * the publisher after this turn.
 */
#include "commit.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "confirmations.h"
#include "hint.h"
#include "log.h"
#include "store.h"

struct commit {
	const struct config *config;
	struct pipeline *pipeline;
	struct publisher *publisher;
	struct confirmations *confirmations;
	struct durability durability;
	atomic_size_t unconfirmed; /* given to the publisher, not yet told on */
	/* the commit thread's own */
	struct publish *first, **end;
	bool refused; /* that Redis takes no jobs was logged */
};

static struct commit_job *
job_of_call(struct pipeline_call *call)
{
	return (void *)((char *)call - offsetof(struct commit_job, call));
}

static struct commit_job *
job_of_publish(struct publish *publish)
{
	return (void *)((char *)publish - offsetof(struct commit_job, publish));
}

static void
job_end(struct commit_job *one, enum commit_result result)
{
	buffer_free(&one->payload);
	buffer_free(&one->hint);
	one->done(one, result);
}

/* -- the broker ------------------------------------------------------------ */

static void
published(struct publish *publish, enum publish_result result)
{
	struct commit_job *one = job_of_publish(publish);
	struct commit *commit = one->commit;
	bool confirmed = result == PUBLISH_CONFIRMED;

	if (confirmed)
		confirmations_add(commit->confirmations, one->id, one->next_at);
	job_end(one, confirmed ? COMMIT_CONFIRMED : COMMIT_KEPT);
	atomic_fetch_sub(&commit->unconfirmed, 1);
}

static void
publish_later(struct commit *commit, struct commit_job *one)
{
	const struct hint_parts parts = {
		.id = one->id,
		.next_at = one->next_at,
		.payload = one->payload.data,
		.payload_len = one->payload.len,
	};

	hint_encode(&parts, &one->hint);
	buffer_free(&one->payload);
	one->publish = (struct publish){
		.exchange = "",
		.routing_key = commit->config->queue,
		.message_id = one->id,
		.body = one->hint.data,
		.body_len = one->hint.len,
		.done = published,
	};
	*commit->end = &one->publish;
	commit->end = &one->publish.next;
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
	if (list != NULL)
		publisher_send(commit->publisher, list);
}

/* -- Redis ----------------------------------------------------------------- */

static void
tell_refusal(struct commit *commit, const char *why)
{
	if (why != NULL && !commit->refused)
		log_warning("redis takes no new jobs", "why", why, NULL);
	if (why == NULL && commit->refused)
		log_info("redis takes new jobs again", NULL);
	commit->refused = why != NULL;
}

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
		tell_refusal(commit, NULL);
		return COMMIT_CONFIRMED;
	case STORE_REFUSED:
		tell_refusal(commit, reply->str);
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

static void
accepted(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct commit_job *one = job_of_call(call);
	enum commit_result failure = failure_of(one->commit, result, reply);

	if (failure != COMMIT_CONFIRMED) {
		job_end(one, failure);
		return;
	}
	one->next_at = reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
	publish_later(one->commit, one);
}

static void
probed(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct commit_job *one = job_of_call(call);

	job_end(one, failure_of(one->commit, result, reply));
}

static void
connected(void *arg, redisContext *redis)
{
	struct commit *commit = arg;

	durability_check(&commit->durability, redis);
}

static struct pipeline_call *
more(void *arg)
{
	struct commit *commit = arg;

	return confirmations_take(commit->confirmations);
}

static bool
more_soon(void *arg)
{
	struct commit *commit = arg;

	return atomic_load(&commit->unconfirmed) > 0 ||
	    confirmations_waiting(commit->confirmations);
}

/* -- the interface --------------------------------------------------------- */

static void
encode_addresses(const struct job *job, struct buffer *out)
{
	size_t i;

	buffer_add_text(out, "[");
	for (i = 0; i < job->recipients_len; i++) {
		if (i > 0)
			buffer_add_text(out, ",");
		buffer_add_json_text(out, job->recipients[i].address);
	}
	buffer_add_text(out, "]");
}

static void
begin(struct commit *commit, struct commit_job *one, int64_t deadline)
{
	one->commit = commit;
	one->next_at = 0;
	memset(&one->payload, 0, sizeof(one->payload));
	memset(&one->hint, 0, sizeof(one->hint));
	one->call.deadline = deadline;
}

void
commit_send(struct commit *commit, struct commit_job *one,
    const struct job *job, int64_t deadline)
{
	struct buffer to = { 0 };
	struct store_call script;

	begin(commit, one, deadline);
	memcpy(one->id, job->id, sizeof(one->id));
	job_encode(job, &one->payload);
	encode_addresses(job, &to);
	store_call_begin(&script, STORE_ACCEPT);
	store_call_text(&script, one->id);
	store_call_bytes(&script, to.data, to.len);
	store_call_text(&script, job->subject);
	store_call_text(&script, job->from.address);
	store_call_bytes(&script, one->payload.data, one->payload.len);
	one->call.command = store_call_format(&script, &one->call.command_len);
	one->call.done = accepted;
	buffer_free(&to);
	pipeline_send(commit->pipeline, &one->call);
}

void
commit_probe(struct commit *commit, struct commit_job *one, int64_t deadline)
{
	struct store_call script;

	begin(commit, one, deadline);
	one->id[0] = '\0';
	store_call_begin(&script, STORE_ACCEPT);
	one->call.command = store_call_format(&script, &one->call.command_len);
	one->call.done = probed;
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
		.connected = connected,
		.more = more,
		.more_soon = more_soon,
		.turned = turned,
		.arg = commit,
	};

	if (commit == NULL)
		return NULL;
	commit->config = config;
	commit->end = &commit->first;
	durability_init(&commit->durability);
	commit->confirmations =
	    confirmations_new((size_t)config->max_requests * 2);
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

struct durability *
commit_durability(struct commit *commit)
{
	return &commit->durability;
}
