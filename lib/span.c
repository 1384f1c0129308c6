/* SPDX-License-Identifier: MIT */
/* https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
#include "span.h"

#include <string.h>
#include <time.h>

#include "id.h"
#include "otlp.h"

#define TRACE_ID 3 /* where they stand in a traceparent */
#define TRACE_ID_LEN 32
#define SPAN_ID 36
#define SPAN_ID_LEN 16
#define USUAL 768 /* bytes that most spans do with */

/* These are written for each mail: nothing is formatted that need not be. */
#define ADD(buffer, literal) \
	buffer_add((buffer), (literal), sizeof(literal) - 1)

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
	char trace[TRACE_ID_LEN + 1];

	memset(span, 0, sizeof(*span));
	if (!otlp_is_on())
		return;
	if (parent[0] != '\0') {
		memcpy(trace, parent + TRACE_ID, TRACE_ID_LEN);
		trace[TRACE_ID_LEN] = '\0';
	} else {
		id_trace_hex(trace, TRACE_ID_LEN / 2);
	}
	if (!otlp_samples(trace, parent))
		return;
	if (parent[0] != '\0')
		memcpy(span->parent, parent + SPAN_ID, SPAN_ID_LEN);
	memcpy(span->context, "00-", TRACE_ID);
	memcpy(span->context + TRACE_ID, trace, TRACE_ID_LEN);
	span->context[SPAN_ID - 1] = '-';
	id_trace_hex(span->context + SPAN_ID, SPAN_ID_LEN / 2);
	memcpy(span->context + SPAN_ID + SPAN_ID_LEN, "-01", 4);
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
		ADD(list, ",");
	else
		buffer_reserve(list, USUAL / 2);
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
span_constants(struct span *span, const char *attributes)
{
	if (span->context[0] == '\0')
		return;
	separate(&span->attributes);
	buffer_add_text(&span->attributes, attributes);
}

void
span_number(struct span *span, const char *key, int64_t value)
{
	struct buffer *list = &span->attributes;

	if (span->context[0] == '\0')
		return;
	separate(list);
	ADD(list, "{\"key\":\"");
	buffer_add_text(list, key);
	ADD(list, "\",\"value\":{\"intValue\":\"");
	buffer_add_number(list, value);
	ADD(list, "\"}}");
}

void
span_event(struct span *span, const char *name)
{
	struct buffer *list = &span->events;

	if (span->context[0] == '\0')
		return;
	separate(list);
	ADD(list, "{\"timeUnixNano\":\"");
	buffer_add_number(list, now_ns());
	ADD(list, "\",\"name\":\"");
	buffer_add_text(list, name);
	ADD(list, "\"}");
}

/* "traceId" and "spanId" of a traceparent. */
static void
add_ids(struct buffer *json, const char *traceparent)
{
	ADD(json, "{\"traceId\":\"");
	buffer_add(json, traceparent + TRACE_ID, TRACE_ID_LEN);
	ADD(json, "\",\"spanId\":\"");
	buffer_add(json, traceparent + SPAN_ID, SPAN_ID_LEN);
	ADD(json, "\"");
}

void
span_link(struct span *span, const char *traceparent)
{
	if (span->context[0] == '\0' || traceparent[0] == '\0')
		return;
	separate(&span->links);
	add_ids(&span->links, traceparent);
	ADD(&span->links, "}");
}

void
span_pass(const struct span *span, char traceparent[TRACEPARENT_SIZE])
{
	if (span->context[0] != '\0')
		memcpy(traceparent, span->context, TRACEPARENT_SIZE);
}

static void
add_list(struct buffer *json, const char *name, struct buffer *list)
{
	if (list->len > 0) {
		buffer_add_text(json, name);
		buffer_add(json, list->data, list->len);
		ADD(json, "]");
	}
	buffer_free(list);
}

static void
add_head(struct buffer *json, const struct span *span)
{
	add_ids(json, span->context);
	if (span->parent[0] != '\0') {
		ADD(json, ",\"parentSpanId\":\"");
		buffer_add(json, span->parent, SPAN_ID_LEN);
		ADD(json, "\"");
	}
	ADD(json, ",\"name\":\"");
	buffer_add_text(json, span->name);
	ADD(json, "\",\"kind\":");
	buffer_add_number(json, span->kind);
	ADD(json, ",\"startTimeUnixNano\":\"");
	buffer_add_number(json, span->start);
	ADD(json, "\",\"endTimeUnixNano\":\"");
	buffer_add_number(json, now_ns());
	ADD(json, "\"");
}

void
span_end(struct span *span, const char *error)
{
	struct buffer json = { 0 };

	if (span->context[0] == '\0')
		return;
	buffer_reserve(&json, USUAL + span->attributes.len + span->events.len);
	add_head(&json, span);
	add_list(&json, ",\"attributes\":[", &span->attributes);
	add_list(&json, ",\"events\":[", &span->events);
	add_list(&json, ",\"links\":[", &span->links);
	if (error != NULL) {
		ADD(&json, ",\"status\":{\"code\":2,\"message\":");
		buffer_add_json_text(&json, error);
		ADD(&json, "}");
	}
	ADD(&json, "}");
	otlp_send(&json);
	buffer_free(&json);
	memset(span, 0, sizeof(*span));
}
