/* SPDX-License-Identifier: MIT */
/*
 * A span of a trace, as OpenTelemetry has it: begun, told about, and ended,
 * which hands it to otlp.h. Where no traces are wanted, or its trace is not
 * sampled, all of these do nothing, and the span stays the zero value.
 */
#ifndef POSTRIDER_SPAN_H
#define POSTRIDER_SPAN_H

#include <stdint.h>

#include "buffer.h"
#include "traceparent.h"

enum span_kind { /* as OTLP numbers them */
	SPAN_SERVER = 2,
	SPAN_CLIENT = 3,
	SPAN_PRODUCER = 4,
	SPAN_CONSUMER = 5
};

/* The zero value is none. Owns its buffers until it is ended. */
struct span {
	char context[TRACEPARENT_SIZE]; /* of its own; "": it is none */
	char parent[17]; /* span id, or "" */
	const char *name; /* a constant */
	enum span_kind kind;
	int64_t start; /* ns */
	struct buffer attributes, events, links; /* JSON with commas */
};

/* `parent`: traceparent of what it is a part of; "": it begins a trace. */
void span_begin(struct span *, const char *name, enum span_kind,
    const char *parent);

/* A part of another, which is none when that is none. */
void span_begin_child(struct span *, const char *name, enum span_kind,
    const struct span *of);

/* Keys are constants of ours; a value that is NULL is left out. */
void span_text(struct span *, const char *key, const char *value);
/* Attributes that are the same each time: SPAN_TEXT()s with commas. */
#define SPAN_TEXT(key, value) \
	"{\"key\":\"" key "\",\"value\":{\"stringValue\":\"" value "\"}}"
void span_constants(struct span *, const char *attributes);
void span_number(struct span *, const char *key, int64_t value);
void span_event(struct span *, const char *name); /* now */
void span_link(struct span *, const char *traceparent); /* "": none */

/* What goes on from here: its context, or what it was begun with. */
void span_pass(const struct span *, char traceparent[TRACEPARENT_SIZE]);

/* `error`: why it failed; NULL: it did not. Leaves the zero value. */
void span_end(struct span *, const char *error);

#endif
