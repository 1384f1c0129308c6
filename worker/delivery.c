/* SPDX-License-Identifier: MIT */
/* The life of one delivery, from the message to its ack. */
#include "delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt_trace.h"
#include "dkim.h"
#include "heartbeat.h"
#include "intake.h"
#include "journal.h"
#include "known_store.h"
#include "log.h"
#include "mime.h"
#include "outbound.h"
#include "postpone.h"
#include "republish.h"
#include "settlement.h"
#include "store_client.h"
#include "suppression.h"
#include "test_address.h"
#include "timestamp.h"
#include "worker.h"
#include "worker_metrics.h"

const char *const delivery_state_names[DELIVERY_STATE__MAX] = {
	[DELIVERY_WAITING] = "waiting",
	[DELIVERY_CLAIMING] = "claiming",
	[DELIVERY_SENDING] = "sending",
	[DELIVERY_SETTLING] = "settling",
	[DELIVERY_PUBLISHING] = "publishing",
	[DELIVERY_DONE] = "done",
};

const char *
delivery_trace(const struct delivery *d)
{
	return traceparent_id(d->hint.job.traceparent);
}

void
delivery_enter(struct delivery *d, enum delivery_state state)
{
	log_debug("delivery", "id", d->hint.job.id, "trace", delivery_trace(d),
	    "from", delivery_state_names[d->state], "to",
	    delivery_state_names[state], NULL);
	d->state = state;
}

void
delivery_ack(struct delivery *d)
{
	if (!d->acked)
		intake_ack(d->worker->intake, d->tag);
	d->acked = true;
}

void
delivery_finish(struct delivery *d)
{
	delivery_ack(d);
	delivery_enter(d, DELIVERY_DONE);
	intake_ended(d->worker->intake, d);
}

/* -- publish what follows --------------------------------------------------- */

static void
on_hint_published(void *arg, enum publish_result result)
{
	struct delivery *d = arg;

	if (result == PUBLISH_CONFIRMED)
		republish_confirmed(d->worker, d->hint.job.id, d->hint.next_at);
	/* Else the outbox keeps it and the sweeper publishes it. */
	delivery_finish(d);
}

/* A hint for the next attempt, built anew. */
void
delivery_hint(struct delivery *d, int64_t next_at)
{
	struct buffer payload = { 0 }, results = { 0 };
	struct hint_parts parts = { .id = d->hint.job.id,
		.next_at = next_at,
		.expires_at = d->expires_at,
		.lane = d->lane,
		.traceparent = d->hint.job.traceparent,
		.tracestate = d->hint.job.tracestate };

	delivery_enter(d, DELIVERY_PUBLISHING);
	d->hint.next_at = next_at;
	parts.published_at = d->hint.published_at;
	if (!d->hint.by_id) {
		job_encode(&d->hint.job, &payload);
		parts.payload = payload.data;
		parts.payload_len = payload.len;
	}
	if (d->hint.job.recipients_len > 0) {
		job_encode_results(&d->hint.job, &results);
		parts.results = results.data;
		parts.results_len = results.len;
	}
	outbound_hint(d->worker->outbound, &parts, on_hint_published, d);
	buffer_free(&payload);
	buffer_free(&results);
}

static void
on_copy_published(void *arg, enum publish_result result)
{
	(void)result; /* best effort: the job's state is the truth */
	delivery_finish(arg);
}

static void
publish_failed_copy(struct delivery *d, const char *reason)
{
	struct buffer payload = { 0 }, body = { 0 };
	struct hint_parts parts = { .id = d->hint.job.id,
		.next_at = d->hint.next_at };
	struct failed_message copy = { .id = d->hint.job.id, .reason = reason };

	delivery_enter(d, DELIVERY_PUBLISHING);
	if (!d->hint.by_id) {
		job_encode(&d->hint.job, &payload);
		parts.payload = payload.data;
		parts.payload_len = payload.len;
	}
	hint_encode(&parts, &body);
	copy.body = body.data;
	copy.len = body.len;
	outbound_failed(d->worker->outbound, &copy, on_copy_published, d);
	buffer_free(&payload);
	buffer_free(&body);
}

/* -- settle ------------------------------------------------------------------ */

static void
log_finished(const struct delivery *d, const char *status)
{
	log_info("mail", "id", d->hint.job.id, "trace", delivery_trace(d),
	    "status", status, "code",
	    d->transaction.code > 0 ? log_number(d->transaction.code) : NULL,
	    "attempts", log_number(d->attempt), "ms",
	    log_number(timestamp_monotonic() - d->claimed_at), "relay",
	    relays_len(d->worker->relays) > 1 ? d->transaction.relay : NULL,
	    "reply", d->transaction.reply, NULL);
}

/* The hint for the next attempt. */
static void
follow(struct delivery *d, int64_t next_at)
{
	d->hint.published_at = 0;
	d->hint.next_at = next_at;
	if (d->postponed)
		delivery_postpone(d, POSTPONE_RELAY);
	else
		delivery_hint(d, next_at);
}

static void
on_settled(void *arg, const redisReply *reply)
{
	struct delivery *d = arg;
	struct store_settle_reply settled;

	if (reply == NULL)
		return; /* the process ends: the journal tells the next */
	if (store_settle_read(&settled, reply) == -1) {
		/* Its D stays in the journal, for recovery_of_ours(). */
		log_error("a settle was refused: the journal will decide", "id",
		    d->hint.job.id, "trace", delivery_trace(d), "why",
		    reply->str, NULL);
		delivery_finish(d);
		return;
	}
	if (d->dotted)
		journal_settled(d->worker->journal, d->dotted);
	if (settled.answer == STORE_SETTLE_LOST) {
		log_warning("another worker has this mail: its lease had ended",
		    "id", d->hint.job.id, "trace", delivery_trace(d), "status",
		    settled.status, "outcome", outcome_names[d->outcome], NULL);
		delivery_finish(d);
		return;
	}
	if (settled.answer == STORE_SETTLE_LATE) {
		d->worker->late++;
		log_warning("the relay took a mail that was another worker's "
			    "by then",
		    "id", d->hint.job.id, "trace", delivery_trace(d), "status",
		    settled.status, NULL);
		delivery_finish(d);
		return;
	}
	d->lane = settled.lane;
	log_finished(d, settled.status);
	attempt_trace_end(d, settled.status);
	worker_metrics_settled(d, settled.status);
	if (settled.next_at > 0 &&
	    (strcmp(settled.status, "retrying") == 0 ||
		strcmp(settled.status, "queued") == 0))
		follow(d, settled.next_at);
	else if (strcmp(settled.status, "failed") == 0)
		publish_failed_copy(d, d->reason);
	else
		delivery_finish(d);
}

static void
count(struct worker *worker, enum outcome outcome)
{
	worker->sent += outcome == OUTCOME_SENT;
	worker->failed += outcome == OUTCOME_REJECTED;
	worker->deferred += outcome == OUTCOME_DEFERRED;
	worker->unknown += outcome == OUTCOME_UNKNOWN;
}

/* Which relay it was, and how far a mail came that was not sent. */
static void
describe(const struct delivery *d, enum outcome outcome, struct buffer *about)
{
	const struct transaction *t = &d->transaction;

	buffer_add_text(about, ""); /* none is a text, too */
	if (outcome != OUTCOME_SENT && t->phase != NULL) {
		buffer_add_text(about, ",\"phase\":");
		buffer_add_json_text(about, t->phase);
	}
	if (t->relay == NULL || (outcome != OUTCOME_SENT && t->phase == NULL))
		return;
	buffer_add_text(about, ",\"relay\":");
	buffer_add_json_text(about, t->relay);
}

static void
settle(struct delivery *d, enum outcome outcome)
{
	struct transaction *t = &d->transaction;
	struct settlement s = {
		.owner = d->worker->owner,
		.claim_seq = d->claim_seq,
		.retry_count = d->retry_count,
		.outcome = outcome,
		.code = t->code,
		.reply = t->reply,
		.reason = d->reason,
	};
	struct buffer results = { 0 }, about = { 0 };
	struct store_call call;

	describe(d, outcome, &about);
	s.about = about.data;
	settlement_mark(&d->hint.job, t->recipients, t->recipients_len, &s);
	suppression_add_bounces(d, outcome);
	if (outcome != OUTCOME_SENT ||
	    job_count(&d->hint.job, RECIPIENT_WAITING) > 0)
		s.random = id_random(); /* a retry's delay is to be spread */
	delivery_enter(d, DELIVERY_SETTLING);
	d->outcome = outcome;
	count(d->worker, outcome);
	worker_metrics_outcome(outcome, t->code);
	settlement_call(&call, &s, &d->hint.job, d->worker->config, &results);
	store_client_call(d->worker->store, &call, on_settled, d);
	buffer_free(&results);
	buffer_free(&about);
}

/* What cannot be sent at all: it fails without having met the relay. */
void
delivery_fail(struct delivery *d, const char *reason, const char *text)
{
	snprintf(d->reason, sizeof(d->reason), "%s", reason);
	snprintf(d->transaction.reply, sizeof(d->transaction.reply), "%s",
	    text);
	settle(d, OUTCOME_REJECTED);
}

/* -- send --------------------------------------------------------------------- */

static struct delivery *
delivery_of(struct transaction *transaction)
{
	return (struct delivery *)((char *)transaction -
	    offsetof(struct delivery, transaction));
}

/* Redis is told that it was not sent, and then says so itself. */
static bool
is_expired(const struct delivery *d)
{
	return d->expires_at > 0 &&
	    heartbeat_redis_time(d->worker->heartbeat) >= d->expires_at;
}

static bool
may_dot(struct transaction *t)
{
	struct delivery *d = delivery_of(t);
	const char *accepted[JOB_RECIPIENTS_MAX];
	size_t i, n = 0;

	if (!known_store_is_same(d->worker->known_store) ||
	    heartbeat_held_for(d->worker->heartbeat) <
		timestamp_monotonic() - d->claimed_at)
		return false; /* it may be another worker's by now */
	if (is_expired(d)) {
		snprintf(d->reason, sizeof(d->reason), "expired");
		return false;
	}
	if (!suppression_allows_dot(d))
		return false;
	for (i = 0; i < t->recipients_len; i++)
		if (t->recipients[i].verdict == VERDICT_ACCEPTED)
			accepted[n++] = t->recipients[i].address;
	d->dotted = journal_dot(d->worker->journal, d->hint.job.id,
	    d->claim_seq, accepted, n);
	return true;
}

static void
drop_message(struct delivery *d)
{
	intake_release(d->worker->intake, composed_size(&d->message));
	composed_free(&d->message);
	free(d->payload);
	d->payload = NULL;
}

static void
drop_content(struct job *job)
{
	free(job->body);
	job->body = NULL;
	job->body_len = 0;
	extras_free(job->extras);
	job->extras = NULL;
}

/* From here on the message is what counts. */
static void
take_message(struct delivery *d)
{
	struct transaction *t = &d->transaction;
	struct job *job = &d->hint.job;

	intake_hold(d->worker->intake, composed_size(&d->message));
	t->message = &d->message;
	t->smtputf8 = mime_needs_smtputf8(job, &d->worker->from);
	if (job->body_len > HINT_CONTENT_MAX ||
	    (job->extras != NULL && job->extras->html_len > HINT_CONTENT_MAX))
		d->hint.by_id = true;
	/* No hint holds it: it need not be here twice. */
	if (d->hint.by_id)
		drop_content(job);
	if (d->message.files_len == 0) {
		free(d->payload);
		d->payload = NULL;
	}
}

static void
on_sent(struct transaction *t, enum outcome outcome)
{
	struct delivery *d = delivery_of(t);
	struct journal_outcome r = { outcome_names[outcome], t->code,
		t->reply };

	attempt_trace_reply(d, outcome);
	if (t->reason != NULL)
		snprintf(d->reason, sizeof(d->reason), "%s", t->reason);
	if (d->dotted && outcome != OUTCOME_UNKNOWN)
		journal_reply(d->worker->journal, d->hint.job.id, d->claim_seq,
		    &r);
	drop_message(d);
	settle(d, outcome);
	intake_pump(d->worker->intake);
}

/* As it will be sent, and signed so. */
static int
build_message(struct delivery *d, const char **why)
{
	const struct job *job = &d->hint.job;
	const char *from = job->from.address != NULL ? job->from.address :
						       d->worker->from.address;

	if (mime_build(job, &d->worker->from, &d->message, why) == -1)
		return -1;
	return dkim_signer_sign(d->worker->dkim, address_domain(from),
	    &d->message, why);
}

void
delivery_send(struct delivery *d)
{
	struct transaction *t = &d->transaction;
	enum outcome simulated;
	const char *why;

	delivery_enter(d, DELIVERY_SENDING);
	attempt_trace_begin(d);
	delivery_address(d);
	t->may_dot = may_dot;
	t->done = on_sent;
	if (t->recipients_len == 0) {
		if (suppression_left_nobody(&d->hint.job))
			delivery_fail(d, "suppressed", SUPPRESSION_WHY);
		else
			settle(d, OUTCOME_SENT); /* all were settled before */
		return;
	}
	if (d->worker->config->test_addresses &&
	    test_address_outcome(&d->hint.job, d->attempt, &simulated, t->reply,
		sizeof(t->reply))) {
		settle(d, simulated);
		return;
	}
	/* With one relay it knows best: it may be back by now. */
	if (relays_len(d->worker->relays) > 1 &&
	    relays_are_down(d->worker->relays, delivery_route(d))) {
		d->postponed = true;
		snprintf(t->reply, sizeof(t->reply),
		    "no relay that may take it can be reached");
		settle(d, OUTCOME_UNSENT);
		return;
	}
	if (build_message(d, &why) == -1) {
		delivery_fail(d, "invalid_message", why);
		return;
	}
	take_message(d);
	attempt_trace_smtp(d);
	relays_submit(d->worker->relays, d->relay, delivery_route(d), t);
}

/* -- coming and going ----------------------------------------------------------- */

struct delivery *
delivery_new(struct worker *worker, struct consumed *message)
{
	struct delivery *d = calloc(1, sizeof(*d));
	const char *why;

	if (d == NULL)
		abort();
	d->worker = worker;
	d->tag = message->tag;
	d->lane = message->lane;
	if (hint_decode(&d->hint, message->body, message->body_len, &why) == -1)
		delivery_dismiss(d, message, why);
	consumed_free(message);
	return d;
}

void
delivery_free(struct delivery *d)
{
	size_t i;

	for (i = 0; i < d->transaction.recipients_len; i++)
		free(d->envelope[i].reply);
	attempt_trace_drop(d);
	suppression_forget(d);
	free(d->envelope);
	composed_free(&d->message);
	free(d->payload);
	free(d->pace);
	buffer_free(&d->bounce_address);
	hint_clear(&d->hint);
	free(d);
}
