/* SPDX-License-Identifier: MIT */
/*
 * Spans on their way to a collector: OTLP over HTTP as JSON, in batches, on a
 * thread of its own. Nobody waits for it: what there is no room for is dropped
 * and counted. Settings are OpenTelemetry's OTEL_ variables.
 */
#ifndef POSTRIDER_OTLP_H
#define POSTRIDER_OTLP_H

#include <stdbool.h>

#include "buffer.h"
#include "config.h"
#include "metrics.h"

#define OTLP_SPANS_MAX 2048 /* that wait; OTEL_BSP_MAX_QUEUE_SIZE's default */

/*
 * Not thread-safe. `program` is the service's name unless OTEL_SERVICE_NAME
 * says another. Does nothing where there is no endpoint; else the thread runs
 * until otlp_close(), which sends what waits.
 */
void otlp_open(const struct config *, const char *program);
void otlp_close(void);

bool otlp_is_on(void);

/* -- for span.c; thread-safe ----------------------------------------------- */

/* As otlp_settings_sample(). */
bool otlp_samples(const char *trace, const char *parent);
/*
 * Where the JSON of a span of `most` bytes can be written; NULL: there is no
 * room. Else otlp_give() has to follow at once, with its end: until then all
 * other spans wait.
 */
char *otlp_take(size_t most);
void otlp_give(char *end);

extern struct metric metric_spans; /* 0: exported, 1: dropped */

#endif
