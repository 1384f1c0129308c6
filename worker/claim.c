/* SPDX-License-Identifier: MIT */
/*
 * Asking Redis for a job: what a delivery does from the message to the send.
 * A job that Redis does not know is made from the message first.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "heartbeat.h"
#include "intake.h"
#include "job_fields.h"
#include "known_store.h"
#include "log.h"
#include "payload.h"
#include "store_client.h"
#include "timestamp.h"
#include "worker.h"

#define RECREATIONS_MAX 2
/*
 * ms beyond SMTP_DOT_TIMEOUT after which the sweeper looks at a claim. A relay
 * may take longer: while its owner lives, it is his.
 */
#define LEASE_GRACE 120000

/* The bytes of its files are behind the JSON and a NUL. 0 or -1. */
static int
take_files(struct job *job, const struct store_claim_reply *claim)
{
	const size_t json = strlen(claim->payload);

	if (!job_has_files(job))
		return 0;
	if (json == claim->payload_len)
		return -1;
	return extras_take_files(job->extras, claim->payload + json + 1,
	    claim->payload_len - json - 1);
}

/*
 * The payload that Redis keeps, for a hint by id. 0 or -1. The files are not
 * copied: they stay where they are in it. Without files it is done with.
 */
static int
read_payload(struct delivery *d, const struct store_claim_reply *claim)
{
	json_object *payload;
	struct job job = { 0 };
	const char *why;
	int result = 0;

	if (!d->hint.by_id)
		return 0;
	if (!payload_read(&job, claim->payload, strlen(claim->payload))) {
		payload = json_tokener_parse(claim->payload);
		result = job_decode(&job, payload, &why);
		json_object_put(payload);
	}
	if (result == 0)
		result = take_files(&job, claim);
	if (result == -1) {
		job_clear(&job);
		return -1;
	}
	job_clear(&d->hint.job);
	d->hint.job = job;
	d->hint.by_id = job_has_files(&job);
	if (!d->hint.by_id) {
		free(d->payload);
		d->payload = NULL;
	}
	return 0;
}

/* Redis knows what became of whom; what the message said of it is older. */
static void
take_results(struct job *job, const struct store_claim_reply *claim)
{
	size_t i;

	for (i = 0; i < job->recipients_len; i++)
		job->recipients[i].state = RECIPIENT_WAITING;
	if (claim->results_len > 0)
		/* What is no list of results: every recipient waits. */
		(void)job_decode_results(job, claim->results,
		    claim->results_len);
}

static void
on_claimed(struct delivery *d, const struct store_claim_reply *claim)
{
	d->claim_seq = claim->claim_seq;
	known_store_note(d->worker->known_store, d->hint.job.id, d->claim_seq);
	d->expires_at = claim->expires_at;
	d->attempt = claim->attempt;
	d->retry_count = claim->retry_count;
	snprintf(d->reason, sizeof(d->reason), "rejected");
	if (read_payload(d, claim) == -1) {
		delivery_fail(d, "payload_lost",
		    "Redis has no readable payload of this job");
		return;
	}
	if (d->hint.job.created_at == 0)
		d->hint.job.created_at = timestamp_now();
	take_results(&d->hint.job, claim);
	delivery_send(d);
}

/* `whom` as delivery_pace_of(), or NULL: the message may tell. */
static void
limit(struct delivery *d, const char *whom)
{
	struct buffer spec = { 0 };

	if (whom != NULL)
		delivery_pace_of(d, whom, &spec);
	else if (pace_limits(&d->worker->pace))
		delivery_pace(d, &spec);
	free(d->pace);
	d->pace = spec.data;
}

static void ask_claim(struct delivery *);
static void recreate(struct delivery *);

/* A domain's mail waits in Redis; all mail does in the queue. */
static void
hold(struct delivery *d, const char *name)
{
	struct worker *worker = d->worker;
	struct pause pause = { heartbeat_redis_time(worker->heartbeat),
		worker->pause.domains };

	if (strcmp(name, "*") == 0) {
		if (worker->pause.since == 0)
			pause_set(&worker->pause, &pause);
		intake_requeue(worker->intake, d->tag);
		d->acked = true;
	}
	delivery_finish(d);
}

static void
on_claim_answer(struct delivery *d, const struct store_claim_reply *claim)
{
	switch (claim->answer) {
	case STORE_CLAIMED:
		on_claimed(d, claim);
		return;
	case STORE_CLAIM_EARLY:
		d->expires_at = claim->expires_at;
		d->lane = claim->lane;
		delivery_hint(d, claim->next_at);
		return;
	case STORE_CLAIM_PACED:
		delivery_wait_turn(d, claim);
		return;
	case STORE_CLAIM_HELD:
		hold(d, claim->held);
		return;
	case STORE_CLAIM_ORPHAN:
		log_error("a mail was not sent: Redis lost it, and what the "
			  "queue has of it is too old or only its id",
		    "id", d->hint.job.id, "trace", delivery_trace(d), NULL);
		break;
	case STORE_CLAIM_MISSING:
	case STORE_CLAIM_SKIP:
	case STORE_CLAIM_NOT_NOW:
	case STORE_CLAIM_NOT_DUE:
	case STORE_CLAIM_WHOM:
	case STORE_CLAIM__MAX:
		break;
	}
	delivery_finish(d);
}

/*
 * The payload may be large, and is not copied: the delivery takes it out of the
 * reply. Like redisFreeCommand(), free() does: we set no other allocator.
 */
static void
take_payload(struct delivery *d, const struct store_claim_reply *claim,
    const redisReply *reply)
{
	size_t i;

	if (claim->answer != STORE_CLAIMED || claim->payload_len == 0)
		return;
	for (i = 0; i < reply->elements; i++) {
		if (reply->element[i]->str != claim->payload)
			continue;
		free(d->payload);
		d->payload = reply->element[i]->str;
		reply->element[i]->str = NULL;
		reply->element[i]->len = 0;
	}
}

static void
on_claim_reply(void *arg, const redisReply *reply)
{
	struct delivery *d = arg;
	struct intake *intake = d->worker->intake;
	struct store_claim_reply claim;

	if (reply == NULL)
		return; /* the process ends: the broker delivers it again */
	if (store_claim_read(&claim, reply) == -1) {
		log_error("a claim was refused", "id", d->hint.job.id, "trace",
		    delivery_trace(d), "why", reply->str, NULL);
		claim.answer = STORE_CLAIM__MAX;
	}
	if (claim.answer == STORE_CLAIM_MISSING &&
	    d->recreations++ < RECREATIONS_MAX) {
		recreate(d);
		return;
	}
	if (claim.answer == STORE_CLAIM_WHOM) {
		limit(d, claim.whom);
		ask_claim(d);
		return;
	}
	intake_claim_answered(intake, d);
	take_payload(d, &claim, reply);
	on_claim_answer(d, &claim); /* may be the end of it */
	intake_pump(intake);
}

static void
on_recreated(void *arg, const redisReply *reply)
{
	struct delivery *d = arg;
	struct store_claim_reply answer;

	if (reply != NULL && store_claim_read(&answer, reply) == 0 &&
	    answer.answer == STORE_CLAIM_MISSING)
		ask_claim(d); /* it is there now */
	else
		on_claim_reply(arg, reply);
}

/* The job is not in Redis: made anew from the message. */
static void
recreate(struct delivery *d)
{
	struct job *job = &d->hint.job;
	struct buffer to = { 0 }, payload = { 0 }, results = { 0 };
	struct job_fields fields = { 0 };
	struct store_call call;

	job_encode_to(job, &to);
	if (!d->hint.by_id) {
		if (job->created_at == 0)
			job->created_at = timestamp_now();
		job_encode(job, &payload);
	}
	store_call_begin(&call, STORE_RECREATE);
	store_call_text(&call, job->id);
	store_call_text(&call, to.data);
	store_call_text(&call, job->subject);
	store_call_text(&call, job->from.address);
	store_call_text(&call, payload.data);
	store_call_number(&call, d->hint.next_at);
	store_call_number(&call, job->created_at);
	store_call_number(&call, d->worker->config->failed_ttl);
	store_call_text(&call,
	    d->hint.next_at > 0 ? "Recovered from the queue" : "Job queued");
	/* Who has it already gets it no second time. */
	if (job_count(job, RECIPIENT_WAITING) < job->recipients_len)
		job_encode_results(job, &results);
	store_call_bytes(&call, results.data != NULL ? results.data : "",
	    results.len);
	if (d->lane != LANE_NORMAL)
		store_call_field(&call, "priority", lane_names[d->lane]);
	job_fields_add(&fields, job, &call);
	if (d->hint.expires_at != 0) {
		store_call_text(&call, "expires_at");
		store_call_number(&call, d->hint.expires_at);
	}
	store_client_call(d->worker->store, &call, on_recreated, d);
	buffer_free(&to);
	buffer_free(&payload);
	buffer_free(&results);
	job_fields_free(&fields);
}

static void
ask_claim(struct delivery *d)
{
	const struct config *config = d->worker->config;
	struct store_call call;

	d->claimed_at = timestamp_monotonic();
	store_call_begin(&call, STORE_CLAIM);
	store_call_text(&call, d->hint.job.id);
	store_call_text(&call, d->worker->owner);
	store_call_text(&call, d->nonce);
	store_call_number(&call, config->smtp_dot_timeout + LEASE_GRACE);
	store_call_number(&call, d->hint.by_id);
	store_call_number(&call, config->failed_ttl);
	store_call_text(&call, d->pace);
	store_client_call(d->worker->store, &call, on_claim_reply, d);
}

void
delivery_claim(struct delivery *d)
{
	delivery_enter(d, DELIVERY_CLAIMING);
	/* The owner's name is random: a count tells its claims apart. */
	snprintf(d->nonce, sizeof(d->nonce), "%" PRIx64, ++d->worker->claims);
	limit(d, NULL);
	ask_claim(d);
}
