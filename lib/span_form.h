/* SPDX-License-Identifier: MIT */
/*
 * What all spans of one sort have in common, as the JSON that each of them gets:
 * name, kind, and the attributes that are the same each time. Made once, when
 * the program starts, so that a span costs a copy of it.
 */
#ifndef POSTRIDER_SPAN_FORM_H
#define POSTRIDER_SPAN_FORM_H

#include <stdint.h>

#include "buffer.h"

enum span_kind { /* as OTLP numbers them */
	SPAN_SERVER = 2,
	SPAN_CLIENT = 3,
	SPAN_PRODUCER = 4,
	SPAN_CONSUMER = 5
};

/* Owns its text; the zero value has none yet. */
struct span_form {
	struct buffer json; /* ,"name":..,"kind":..,"attributes":[{..},{.. */
};

/* Its one attribute that every sort has; more by the calls below. */
void span_form_begin(struct span_form *, const char *name, enum span_kind,
    const char *key, const char *value);
void span_form_text(struct span_form *, const char *key, const char *value);
void span_form_number(struct span_form *, const char *key, int64_t value);
void span_form_free(struct span_form *);

#endif
