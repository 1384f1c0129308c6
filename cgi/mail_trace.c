/* SPDX-License-Identifier: MIT */
/*
 * https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/
 * https://opentelemetry.io/docs/specs/semconv/db/redis/
 */
#include "mail_trace.h"

#include "lane.h"
#include "otlp.h"

static struct {
	struct span_form sends[LANE__MAX];
	struct span_form keep;
} forms;

/* By the default exchange, whose routing key is the queue. */
static void
begin_send(struct span_form *form, const char *queue)
{
	struct buffer name = { 0 };

	buffer_add_text(&name, "send ");
	buffer_add_text(&name, queue);
	span_form_begin(form, name.data, SPAN_PRODUCER, "messaging.system",
	    "rabbitmq");
	span_form_text(form, "messaging.operation.name", "send");
	span_form_text(form, "messaging.operation.type", "send");
	span_form_text(form, "messaging.destination.name", queue);
	span_form_text(form, "messaging.rabbitmq.destination.routing_key",
	    queue);
	buffer_free(&name);
}

void
mail_trace_open(const struct config *config)
{
	char queue[LANE_QUEUE_SIZE];
	int lane;

	if (!otlp_is_on())
		return;
	for (lane = 0; lane < LANE__MAX; lane++) {
		lane_queue(queue, (enum lane)lane, config->queue);
		begin_send(&forms.sends[lane], queue);
	}
	span_form_begin(&forms.keep, "EVALSHA", SPAN_CLIENT, "db.system.name",
	    "redis");
	span_form_text(&forms.keep, "db.operation.name", "EVALSHA");
	span_form_text(&forms.keep, "db.stored_procedure.name", "accept");
}

void
mail_trace_close(void)
{
	int lane;

	for (lane = 0; lane < LANE__MAX; lane++)
		span_form_free(&forms.sends[lane]);
	span_form_free(&forms.keep);
}

struct span *
mail_trace_send(const struct span *request, struct job *job)
{
	struct span *span = span_begin_child(&forms.sends[job->lane], request);

	span_pass(span, job->traceparent);
	return span;
}

struct span *
mail_trace_keep(const struct span *of)
{
	return span_begin_child(&forms.keep, of);
}
