/* SPDX-License-Identifier: MIT */
/* https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/ */
#include "attempt_trace.h"

#include <stdio.h>
#include <string.h>

#include "config.h"
#include "delivery.h"
#include "mask.h"
#include "otlp.h"
#include "span.h"
#include "worker.h"

#define MIX1 UINT64_C(0xbf58476d1ce4e5b9)
#define MIX2 UINT64_C(0x94d049bb133111eb)
#define FIRST_CLAIM 2 /* the first change of a job behind its accept */

static struct {
	struct span_form process[LANE__MAX];
	struct span_form smtp; /* to the one relay there is */
	struct span_form smtp_any; /* which of several it takes is told */
} forms;

/* -- made once ------------------------------------------------------------- */

static void
begin_process(struct span_form *form, const char *queue)
{
	struct buffer name = { 0 };

	buffer_add_text(&name, "process ");
	buffer_add_text(&name, queue);
	span_form_begin(form, name.data, SPAN_CONSUMER, "messaging.system",
	    "rabbitmq");
	span_form_text(form, "messaging.operation.name", "process");
	span_form_text(form, "messaging.operation.type", "process");
	span_form_text(form, "messaging.destination.name", queue);
	span_form_text(form, "messaging.rabbitmq.destination.routing_key",
	    queue);
	buffer_free(&name);
}

void
attempt_trace_open(const struct config *config)
{
	char queue[LANE_QUEUE_SIZE];
	int lane;

	if (!otlp_is_on())
		return;
	for (lane = 0; lane < LANE__MAX; lane++) {
		lane_queue(queue, (enum lane)lane, config->queue);
		begin_process(&forms.process[lane], queue);
	}
	span_form_begin(&forms.smtp_any, "SMTP", SPAN_CLIENT,
	    "network.protocol.name", "smtp");
	span_form_begin(&forms.smtp, "SMTP", SPAN_CLIENT,
	    "network.protocol.name", "smtp");
	span_form_text(&forms.smtp, "server.address", config->smtp_host);
	span_form_number(&forms.smtp, "server.port", config->smtp_port);
}

void
attempt_trace_close(void)
{
	int lane;

	for (lane = 0; lane < LANE__MAX; lane++)
		span_form_free(&forms.process[lane]);
	span_form_free(&forms.smtp);
	span_form_free(&forms.smtp_any);
}

/* -- an attempt's ---------------------------------------------------------- */

/*
 * Whoever takes up a mail knows the id of its first attempt's span without being
 * told: it is made of the job's id (mixed as MurmurHash3 ends, with Stafford's
 * numbers). All other spans have random ones.
 */
static uint64_t
first_id(const char *job_id)
{
	size_t len = strlen(job_id), n;
	uint64_t hash = len, word;

	for (; len > 0; job_id += n, len -= n) {
		n = len < sizeof(word) ? len : sizeof(word);
		word = 0;
		memcpy(&word, job_id, n);
		hash = ((hash ^ word) ^ (hash ^ word) >> 30) * MIX1;
		hash = (hash ^ hash >> 27) * MIX2;
		hash ^= hash >> 31;
	}
	return hash != SPAN_RANDOM_ID ? hash : 1;
}

/* What the relay said, as the log would tell it; good until d's end. */
static const char *
told_reply(struct delivery *d)
{
	const char *reply = d->transaction.reply;

	if (d->worker->config->log_recipients || strchr(reply, '@') == NULL)
		return reply;
	buffer_clear(&d->masked_reply);
	mask_addresses(&d->masked_reply, reply);
	return d->masked_reply.data;
}

/* Each attempt is a part of the mail's way; a later one is linked to the first. */
void
attempt_trace_begin(struct delivery *d)
{
	const struct job *job = &d->hint.job;

	if (!otlp_is_on() || job->traceparent[0] == '\0')
		return; /* a mail's trace begins where it was accepted, or not */
	d->span =
	    span_begin_as(d->claim_seq == FIRST_CLAIM ? first_id(job->id) :
							SPAN_RANDOM_ID,
		&forms.process[d->lane], job->traceparent, job->tracestate);
	span_text(d->span, "messaging.message.id", job->id);
	span_number(d->span, "postrider.attempt.number", d->attempt);
	if (d->attempt > 1)
		span_link(d->span, first_id(job->id));
}

void
attempt_trace_smtp(struct delivery *d)
{
	if (d->span == NULL)
		return;
	d->smtp = span_begin_child(relays_len(d->worker->relays) == 1 ?
		&forms.smtp :
		&forms.smtp_any,
	    d->span);
	span_number(d->smtp, "smtp.message.size",
	    (int64_t)composed_len(&d->message));
	span_number(d->smtp, "smtp.recipients",
	    (int64_t)d->transaction.recipients_len);
	d->transaction.span = d->smtp;
}

void
attempt_trace_reply(struct delivery *d, enum outcome outcome)
{
	const struct transaction *t = &d->transaction;
	const char *reply, *error = outcome_names[outcome];
	char code[12];

	d->transaction.span = NULL;
	if (d->smtp == NULL)
		return;
	reply = told_reply(d);
	if (relays_len(d->worker->relays) > 1)
		span_text(d->smtp, "server.address", t->relay);
	if (t->code > 0) {
		span_event(d->smtp, "smtp.reply");
		span_number(d->smtp, "smtp.reply.code", t->code);
	}
	span_text(d->smtp, "smtp.reply.text", reply);
	if (outcome == OUTCOME_SENT) {
		span_end(&d->smtp, NULL, NULL);
		return;
	}
	if (t->code > 0) {
		(void)snprintf(code, sizeof(code), "%d", t->code);
		error = code;
	}
	span_end(&d->smtp, error, reply);
}

void
attempt_trace_end(struct delivery *d, const char *status)
{
	const bool sent = d->outcome == OUTCOME_SENT;

	if (d->span == NULL)
		return;
	span_text(d->span, "postrider.job.status", status);
	span_text(d->span, "postrider.attempt.outcome",
	    outcome_names[d->outcome]);
	span_end(&d->span, sent ? NULL : outcome_names[d->outcome],
	    sent ? NULL : told_reply(d));
}

void
attempt_trace_drop(struct delivery *d)
{
	span_end(&d->smtp, "given_up", NULL);
	span_end(&d->span, "not_settled", NULL);
	buffer_free(&d->masked_reply);
}
