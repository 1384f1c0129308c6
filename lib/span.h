/* SPDX-License-Identifier: MIT */
/*
 * A span of a trace, as OpenTelemetry has it: begun, told about, and ended,
 * which writes it into otlp.h's next batch. Until then it is numbers and
 * pointers: what it is told must be there until its end. Where no traces are
 * wanted, or its trace is not sampled, it is NULL, and all of these do nothing.
 */
#ifndef POSTRIDER_SPAN_H
#define POSTRIDER_SPAN_H

#include <stdint.h>

#include "span_form.h"
#include "traceparent.h"

#define SPAN_ATTRIBUTES_MAX 10 /* of a span's own; further ones are counted */
#define SPAN_EVENTS_MAX 12 /* likewise */

struct span;

/*
 * `parent`: traceparent of what it is a part of, `state`: its tracestate; "" or
 * NULL: it begins a trace.
 */
struct span *span_begin(const struct span_form *, const char *parent,
    const char *state);
/* The same, with a given id: who knows how it is made can link to it. */
#define SPAN_RANDOM_ID 0
struct span *span_begin_as(uint64_t id, const struct span_form *,
    const char *parent, const char *state);
/* A part of another, which is none when that is none. */
struct span *span_begin_child(const struct span_form *, const struct span *of);

/*
 * Keys are literals; a value that is NULL is left out. Borrowed until
 * span_end().
 */
#define SPAN_KEY(key, kind) \
	",{\"key\":\"" key "\",\"value\":{\"" kind "Value\":"
#define span_text(span, key, value)                    \
	span_add_text((span), SPAN_KEY(key, "string"), \
	    sizeof(SPAN_KEY(key, "string")) - 1, (value))
#define span_number(span, key, value)                 \
	span_add_number((span), SPAN_KEY(key, "int"), \
	    sizeof(SPAN_KEY(key, "int")) - 1, (value))
void span_add_text(struct span *, const char *key, size_t key_len,
    const char *value);
void span_add_number(struct span *, const char *key, size_t key_len,
    int64_t value);
void span_event(struct span *, const char *name); /* now */
void span_event_at(struct span *, const char *name, int64_t ns);
int64_t span_now(void); /* ns, for span_event_at() */
/* To a span of the same trace; one at most. */
void span_link(struct span *, uint64_t id);

/* What goes on from here: its context, or what it was begun with. */
void span_pass(const struct span *, char traceparent[TRACEPARENT_SIZE]);

/*
 * `error`: the class of what went wrong (its error.type), `message`: the words
 * for it; NULL: it did not. Frees it and leaves NULL.
 */
void span_end(struct span **, const char *error, const char *message);

/* Not thread-safe; when none is open. */
void span_free_spare(void);

#endif
