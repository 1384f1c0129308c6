/* SPDX-License-Identifier: MIT */
/*
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 *
 * These are written for each mail: nothing is formatted, and nothing copied
 * twice. A bound on a span's text is reserved in the batch, and its parts are
 * laid one behind the other.
 */
#include "span.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "id.h"
#include "json_plain.h"
#include "otlp.h"

#define TRACE_ID 3 /* where they stand in a traceparent */
#define TRACE_ID_LEN 32
#define SPAN_ID 36
#define SPAN_ID_LEN 16
#define NS 1000000000
#define SPARE_MAX 256 /* spans that are kept for the next ones */

#define FIXED 512 /* bytes, at most: all but what is counted below */
#define NUMBER_MAX 24 /* bytes of a number */
#define EVENT_MAX 64 /* bytes around an event's name */
#define ESCAPED 6 /* bytes of a byte in JSON, at most */

struct attribute {
	const char *key; /* as SPAN_KEY() */
	size_t key_len;
	const char *text; /* NULL: it is the number */
	size_t text_len; /* most() counts it */
	int64_t number;
};

struct event {
	const char *name;
	int64_t at; /* ns */
};

struct span {
	struct span *next; /* of those that are not in use */
	char context[TRACEPARENT_SIZE]; /* of its own */
	char parent[SPAN_ID_LEN + 1]; /* span id, or "" */
	char linked[SPAN_ID_LEN + 1]; /* span id, or "" */
	const struct span_form *form;
	const char *state; /* tracestate, or "" */
	int64_t start; /* ns */
	size_t attributes_len, events_len;
	int64_t attributes_left_out, events_left_out;
	struct attribute attributes[SPAN_ATTRIBUTES_MAX];
	struct event events[SPAN_EVENTS_MAX];
};

/* -- its memory ------------------------------------------------------------ */

/* Begun on one thread and ended on another: malloc() would not like that. */
static struct {
	pthread_mutex_t lock;
	struct span *first;
	size_t len;
} spare = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* NULL: there is no memory, and nobody needs it. */
static struct span *
take(void)
{
	struct span *span;

	pthread_mutex_lock(&spare.lock);
	span = spare.first;
	if (span != NULL) {
		spare.first = span->next;
		spare.len--;
	}
	pthread_mutex_unlock(&spare.lock);
	return span != NULL ? span : malloc(sizeof(*span));
}

static void
give(struct span *span)
{
	pthread_mutex_lock(&spare.lock);
	if (spare.len < SPARE_MAX) {
		span->next = spare.first;
		spare.first = span;
		spare.len++;
		span = NULL;
	}
	pthread_mutex_unlock(&spare.lock);
	free(span);
}

void
span_free_spare(void)
{
	struct span *span;

	while ((span = spare.first) != NULL) {
		spare.first = span->next;
		free(span);
	}
	spare.len = 0;
}

/* -- its beginning --------------------------------------------------------- */

int64_t
span_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now); /* it is always there */
	return (int64_t)now.tv_sec * NS + now.tv_nsec;
}

static void
write_id(char hex[SPAN_ID_LEN + 1], uint64_t id)
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = SPAN_ID_LEN - 1; i >= 0; i--, id >>= 4)
		hex[i] = digits[id & 0xf];
	hex[SPAN_ID_LEN] = '\0';
}

static struct span *
begin(uint64_t id, const struct span_form *form, const char *parent,
    const char *state)
{
	const bool is_root = parent == NULL || parent[0] == '\0';
	char context[TRACEPARENT_SIZE];
	struct span *span;

	if (is_root)
		id_trace_hex(context + TRACE_ID, TRACE_ID_LEN / 2);
	else
		memcpy(context, parent, TRACEPARENT_SIZE);
	if (!otlp_samples(context + TRACE_ID, is_root ? "" : parent))
		return NULL;
	span = take();
	if (span == NULL)
		return NULL;
	memset(span, 0, offsetof(struct span, attributes));
	memcpy(span->context, "00-", TRACE_ID);
	memcpy(span->context + TRACE_ID, context + TRACE_ID, TRACE_ID_LEN);
	span->context[SPAN_ID - 1] = '-';
	if (id != SPAN_RANDOM_ID)
		write_id(span->context + SPAN_ID, id);
	else
		id_trace_hex(span->context + SPAN_ID, SPAN_ID_LEN / 2);
	memcpy(span->context + SPAN_ID + SPAN_ID_LEN, "-01", sizeof("-01"));
	if (!is_root)
		memcpy(span->parent, parent + SPAN_ID, SPAN_ID_LEN);
	span->form = form;
	span->state = !is_root && state != NULL ? state : "";
	span->start = span_now();
	return span;
}

struct span *
span_begin(const struct span_form *form, const char *parent, const char *state)
{
	return otlp_is_on() ? begin(SPAN_RANDOM_ID, form, parent, state) : NULL;
}

struct span *
span_begin_as(uint64_t id, const struct span_form *form, const char *parent,
    const char *state)
{
	return otlp_is_on() ? begin(id, form, parent, state) : NULL;
}

struct span *
span_begin_child(const struct span_form *form, const struct span *of)
{
	return of != NULL ?
	    begin(SPAN_RANDOM_ID, form, of->context, of->state) :
	    NULL;
}

void
span_pass(const struct span *span, char traceparent[TRACEPARENT_SIZE])
{
	if (span != NULL)
		memcpy(traceparent, span->context, TRACEPARENT_SIZE);
}

/* -- what it is told ------------------------------------------------------- */

static struct attribute *
add_attribute(struct span *span, const char *key, size_t key_len)
{
	struct attribute *one = &span->attributes[span->attributes_len];

	if (span->attributes_len == SPAN_ATTRIBUTES_MAX) {
		span->attributes_left_out++;
		return NULL;
	}
	span->attributes_len++;
	one->key = key;
	one->key_len = key_len;
	return one;
}

void
span_add_text(struct span *span, const char *key, size_t key_len,
    const char *value)
{
	struct attribute *one;

	if (span == NULL || value == NULL)
		return;
	one = add_attribute(span, key, key_len);
	if (one == NULL)
		return;
	one->text = value;
}

void
span_add_number(struct span *span, const char *key, size_t key_len,
    int64_t value)
{
	struct attribute *one;

	if (span == NULL)
		return;
	one = add_attribute(span, key, key_len);
	if (one == NULL)
		return;
	one->text = NULL;
	one->number = value;
}

void
span_event_at(struct span *span, const char *name, int64_t ns)
{
	if (span == NULL)
		return;
	if (span->events_len == SPAN_EVENTS_MAX)
		span->events_left_out++;
	else
		span->events[span->events_len++] = (struct event){ name, ns };
}

void
span_event(struct span *span, const char *name)
{
	if (span != NULL)
		span_event_at(span, name, span_now());
}

void
span_link(struct span *span, uint64_t id)
{
	if (span != NULL)
		write_id(span->linked, id);
}

/* -- its text -------------------------------------------------------------- */

#define PUT(at, literal) put((at), (literal), sizeof(literal) - 1)

static inline char *
put(char *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

/* `pairs` of digits, zeros before it. */
static void
write_digits(char *at, uint32_t number, int pairs)
{
	static const char digits[] =
	    "0001020304050607080910111213141516171819202122232425262728293031"
	    "3233343536373839404142434445464748495051525354555657585960616263"
	    "6465666768697071727374757677787980818283848586878889909192939495"
	    "96979899";

	for (; pairs-- > 0; number /= 100)
		memcpy(at + 2 * pairs, &digits[2 * (number % 100)], 2);
}

/*
 * ns since 1970, in quotes: ten digits of seconds last until 2286. Most are of
 * the second before's: the batch's lock is held, so they can be kept.
 */
static char *
put_time(char *at, int64_t ns)
{
	static uint32_t last;
	static char last_digits[] = "\"0000000000";
	const uint32_t seconds = (uint32_t)(ns / NS);
	const uint32_t rest = (uint32_t)(ns % NS);

	if (seconds != last) {
		write_digits(last_digits + 1, seconds, 5);
		last = seconds;
	}
	at = put(at, last_digits, sizeof(last_digits) - 1);
	*at++ = (char)('0' + rest / (NS / 10));
	write_digits(at, rest % (NS / 10), 4);
	at += 8;
	*at++ = '"';
	return at;
}

static char *
put_number(char *at, int64_t number)
{
	char digits[NUMBER_MAX];
	char *first = digits + sizeof(digits);
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do {
		*--first = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		*--first = '-';
	return put(at, first, (size_t)(digits + sizeof(digits) - first));
}

/* A JSON string. */
static char *
put_text(char *at, const char *text, size_t len)
{
	struct buffer escaped = { 0 };

	if (json_plain_run(text, len) < len) {
		buffer_add_json(&escaped, text, len);
		at = put(at, escaped.data, escaped.len);
		buffer_free(&escaped);
		return at;
	}
	*at++ = '"';
	at = put(at, text, len);
	*at++ = '"';
	return at;
}

static char *
put_ids(char *at, const struct span *span)
{
	at = PUT(at, "{\"traceId\":\"");
	at = put(at, span->context + TRACE_ID, TRACE_ID_LEN);
	at = PUT(at, "\",\"spanId\":\"");
	at = put(at, span->context + SPAN_ID, SPAN_ID_LEN);
	if (span->parent[0] != '\0') {
		at = PUT(at, "\",\"parentSpanId\":\"");
		at = put(at, span->parent, SPAN_ID_LEN);
	}
	at = PUT(at, "\"");
	if (span->state[0] != '\0') {
		at = PUT(at, ",\"traceState\":");
		at = put_text(at, span->state, strlen(span->state));
	}
	return at;
}

/* Behind the form's, which are never none. */
static char *
put_attributes(char *at, const struct span *span)
{
	const struct attribute *one = span->attributes;
	const struct attribute *end = one + span->attributes_len;

	for (; one < end; one++) {
		at = put(at, one->key, one->key_len);
		if (one->text != NULL) {
			at = put_text(at, one->text, one->text_len);
		} else {
			*at++ = '"';
			at = put_number(at, one->number);
			*at++ = '"';
		}
		at = PUT(at, "}}");
	}
	at = PUT(at, "]");
	if (span->attributes_left_out > 0) {
		at = PUT(at, ",\"droppedAttributesCount\":");
		at = put_number(at, span->attributes_left_out);
	}
	return at;
}

static char *
put_events(char *at, const struct span *span)
{
	size_t i;

	for (i = 0; i < span->events_len; i++) {
		at = i == 0 ? PUT(at, ",\"events\":[{\"timeUnixNano\":") :
			      PUT(at, ",{\"timeUnixNano\":");
		at = put_time(at, span->events[i].at);
		at = PUT(at, ",\"name\":\"");
		at =
		    put(at, span->events[i].name, strlen(span->events[i].name));
		at = PUT(at, "\"}");
	}
	if (span->events_len > 0)
		at = PUT(at, "]");
	if (span->events_left_out > 0) {
		at = PUT(at, ",\"droppedEventsCount\":");
		at = put_number(at, span->events_left_out);
	}
	return at;
}

static char *
put_link(char *at, const struct span *span)
{
	if (span->linked[0] == '\0')
		return at;
	at = PUT(at, ",\"links\":[{\"traceId\":\"");
	at = put(at, span->context + TRACE_ID, TRACE_ID_LEN);
	at = PUT(at, "\",\"spanId\":\"");
	at = put(at, span->linked, SPAN_ID_LEN);
	return PUT(at, "\"}]");
}

static char *
put_span(char *at, const struct span *span, const char *message)
{
	at = put_ids(at, span);
	at = put(at, span->form->json.data, span->form->json.len);
	at = put_attributes(at, span);
	at = PUT(at, ",\"startTimeUnixNano\":");
	at = put_time(at, span->start);
	at = PUT(at, ",\"endTimeUnixNano\":");
	at = put_time(at, span_now());
	at = put_events(at, span);
	at = put_link(at, span);
	if (message != NULL) {
		at = PUT(at, ",\"status\":{\"code\":2,\"message\":");
		at = put_text(at, message, strlen(message));
		at = PUT(at, "}");
	}
	return PUT(at, "}");
}

static size_t
most(struct span *span, const char *message)
{
	size_t size = FIXED + span->form->json.len + 2 * NUMBER_MAX;
	struct attribute *one = span->attributes;
	size_t i;

	for (i = 0; i < span->attributes_len; i++, one++) {
		one->text_len = one->text != NULL ? strlen(one->text) : 0;
		size += one->key_len + NUMBER_MAX + ESCAPED * one->text_len;
	}
	for (i = 0; i < span->events_len; i++)
		size += EVENT_MAX + strlen(span->events[i].name);
	if (message != NULL)
		size += ESCAPED * strlen(message);
	return size + ESCAPED * strlen(span->state);
}

void
span_end(struct span **ended, const char *error, const char *message)
{
	struct span *span = *ended;
	char *at;

	if (span == NULL)
		return;
	*ended = NULL;
	if (error != NULL)
		span_text(span, "error.type", error);
	if (message == NULL)
		message = error;
	at = otlp_take(most(span, message));
	if (at != NULL)
		otlp_give(put_span(at, span, message));
	give(span);
}
