/* SPDX-License-Identifier: MIT */
/* https://opentelemetry.io/docs/specs/semconv/messaging/ */
#include "attempt_trace.h"

#include "config.h"
#include "delivery.h"
#include "span.h"
#include "worker.h"

/* Each attempt is a span below the message's; a later one is linked to it. */
void
attempt_trace_begin(struct delivery *d)
{
	const char *sent = d->hint.job.traceparent;

	if (sent[0] == '\0')
		return; /* a mail's trace begins where it was accepted, or not */
	span_begin(&d->span, "process email_tasks", SPAN_CONSUMER, sent);
	span_constants(&d->span,
	    SPAN_TEXT("messaging.system",
		"rabbitmq") "," SPAN_TEXT("messaging.operation.type",
		"process") "," SPAN_TEXT("messaging.operation.name",
		"process"));
	span_text(&d->span, "messaging.destination.name",
	    d->worker->config->queue);
	span_text(&d->span, "messaging.message.id", d->hint.job.id);
	span_number(&d->span, "postrider.attempt.number", d->attempt);
	if (d->attempt > 1)
		span_link(&d->span, sent);
}

void
attempt_trace_smtp(struct delivery *d)
{
	const struct config *config = d->worker->config;

	span_begin_child(&d->smtp, "SMTP", SPAN_CLIENT, &d->span);
	/* With several it is known when one has taken it. */
	if (relays_len(d->worker->relays) == 1) {
		span_text(&d->smtp, "server.address", config->smtp_host);
		span_number(&d->smtp, "server.port", config->smtp_port);
	}
	span_number(&d->smtp, "smtp.message.size",
	    (int64_t)composed_len(&d->message));
	span_number(&d->smtp, "smtp.recipients",
	    (int64_t)d->transaction.recipients_len);
	d->transaction.span = &d->smtp;
}

void
attempt_trace_reply(struct delivery *d, enum outcome outcome)
{
	const struct transaction *t = &d->transaction;

	if (relays_len(d->worker->relays) > 1)
		span_text(&d->smtp, "server.address", t->relay);
	span_event(&d->smtp, "smtp.reply");
	if (t->code > 0)
		span_number(&d->smtp, "smtp.reply.code", t->code);
	span_text(&d->smtp, "smtp.reply.text", t->reply);
	span_end(&d->smtp, outcome == OUTCOME_SENT ? NULL : t->reply);
	d->transaction.span = NULL;
}

void
attempt_trace_end(struct delivery *d, const char *status)
{
	span_text(&d->span, "postrider.job.status", status);
	span_text(&d->span, "postrider.attempt.outcome",
	    outcome_names[d->outcome]);
	span_end(&d->span,
	    d->outcome == OUTCOME_SENT ? NULL : d->transaction.reply);
}

void
attempt_trace_drop(struct delivery *d)
{
	span_end(&d->smtp, "given up");
	span_end(&d->span, "not settled");
}
