/* SPDX-License-Identifier: MIT */
/* https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
#include "span.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "id.h"
#include "otlp.h"

#define TRACE_ID 3 /* where they stand in a traceparent */
#define TRACE_ID_LEN 32
#define SPAN_ID 36
#define SPAN_ID_LEN 16
#define STATUS_ERROR 2

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now); /* it is always there */
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void
span_begin(struct span *span, const char *name, enum span_kind kind,
    const char *parent)
{
	char trace[TRACE_ID_LEN + 1], id[SPAN_ID_LEN + 1];

	memset(span, 0, sizeof(*span));
	if (!otlp_is_on())
		return;
	if (parent[0] != '\0')
		(void)snprintf(trace, sizeof(trace), "%s", parent + TRACE_ID);
	else
		id_random_hex(trace, TRACE_ID_LEN / 2);
	if (!otlp_samples(trace, parent))
		return;
	if (parent[0] != '\0')
		(void)snprintf(span->parent, sizeof(span->parent), "%s",
		    parent + SPAN_ID);
	id_random_hex(id, SPAN_ID_LEN / 2);
	(void)snprintf(span->context, sizeof(span->context), "00-%s-%s-01",
	    trace, id);
	span->name = name;
	span->kind = kind;
	span->start = now_ns();
}

void
span_begin_child(struct span *span, const char *name, enum span_kind kind,
    const struct span *of)
{
	if (of->context[0] != '\0')
		span_begin(span, name, kind, of->context);
	else
		memset(span, 0, sizeof(*span));
}

static void
separate(struct buffer *list)
{
	if (list->len > 0)
		buffer_add_text(list, ",");
}

void
span_text(struct span *span, const char *key, const char *value)
{
	if (span->context[0] == '\0' || value == NULL)
		return;
	separate(&span->attributes);
	otlp_add_text(&span->attributes, key, value);
}

void
span_number(struct span *span, const char *key, int64_t value)
{
	if (span->context[0] == '\0')
		return;
	separate(&span->attributes);
	buffer_printf(&span->attributes,
	    "{\"key\":\"%s\",\"value\":{\"intValue\":\"%" PRId64 "\"}}", key,
	    value);
}

void
span_event(struct span *span, const char *name)
{
	if (span->context[0] == '\0')
		return;
	separate(&span->events);
	buffer_printf(&span->events,
	    "{\"timeUnixNano\":\"%" PRId64 "\",\"name\":\"%s\"}", now_ns(),
	    name);
}

void
span_link(struct span *span, const char *traceparent)
{
	if (span->context[0] == '\0' || traceparent[0] == '\0')
		return;
	separate(&span->links);
	buffer_printf(&span->links,
	    "{\"traceId\":\"%.*s\",\"spanId\":\"%.*s\"}", TRACE_ID_LEN,
	    traceparent + TRACE_ID, SPAN_ID_LEN, traceparent + SPAN_ID);
}

void
span_pass(const struct span *span, char traceparent[TRACEPARENT_SIZE])
{
	if (span->context[0] != '\0')
		memcpy(traceparent, span->context, TRACEPARENT_SIZE);
}

static void
add_list(struct buffer *json, const char *name, const struct buffer *list)
{
	if (list->len == 0)
		return;
	buffer_printf(json, ",\"%s\":[", name);
	buffer_add(json, list->data, list->len);
	buffer_add_text(json, "]");
}

void
span_end(struct span *span, const char *error)
{
	struct buffer json = { 0 };

	if (span->context[0] == '\0')
		return;
	buffer_printf(&json, "{\"traceId\":\"%.*s\",\"spanId\":\"%.*s\"",
	    TRACE_ID_LEN, span->context + TRACE_ID, SPAN_ID_LEN,
	    span->context + SPAN_ID);
	if (span->parent[0] != '\0')
		buffer_printf(&json, ",\"parentSpanId\":\"%s\"", span->parent);
	buffer_printf(&json,
	    ",\"name\":\"%s\",\"kind\":%d,\"startTimeUnixNano\":\"%" PRId64
	    "\",\"endTimeUnixNano\":\"%" PRId64 "\"",
	    span->name, (int)span->kind, span->start, now_ns());
	add_list(&json, "attributes", &span->attributes);
	add_list(&json, "events", &span->events);
	add_list(&json, "links", &span->links);
	if (error != NULL) {
		buffer_printf(&json,
		    ",\"status\":{\"code\":%d,\"message\":", STATUS_ERROR);
		buffer_add_json_text(&json, error);
		buffer_add_text(&json, "}");
	}
	buffer_add_text(&json, "}");
	otlp_send(&json);
	buffer_free(&json);
	buffer_free(&span->attributes);
	buffer_free(&span->events);
	buffer_free(&span->links);
	memset(span, 0, sizeof(*span));
}
