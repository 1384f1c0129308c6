/* SPDX-License-Identifier: MIT */
/* What the OTEL_ variables mean. Pure. */
#ifndef POSTRIDER_OTLP_SETTINGS_H
#define POSTRIDER_OTLP_SETTINGS_H

#include <stdbool.h>

#include <curl/curl.h>

#include "buffer.h"
#include "config.h"

/* Where traces go; appends nothing: nowhere. */
void otlp_settings_endpoint(const struct config *, struct buffer *url);

/* Whether a trace (32 hex digits) is recorded; `parent` is a traceparent, or "". */
bool otlp_settings_sample(const struct config *, const char *trace,
    const char *parent);

/* The attributes of the resource, JSON with commas. */
void otlp_settings_resource(const struct config *, const char *program,
    struct buffer *json);

/* The headers of a request; the caller frees them. */
struct curl_slist *otlp_settings_headers(const struct config *);

#endif
