/* SPDX-License-Identifier: MIT */
/*
 * What a program counts, as Prometheus reads it (text format 0.0.4). A metric
 * is a static struct beside what it counts, and a row in its program's list;
 * its numbers are raised by one relaxed atomic add, from any thread, and read
 * without a lock: a scrape sees each number whole, not all of them at once.
 *
 * Names get "postrider_" before them, and what Prometheus' conventions want
 * behind them: "_total" for counters, "_seconds" for times, which are counted
 * in ms.
 */
#ifndef POSTRIDER_METRICS_H
#define POSTRIDER_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

enum metric_kind {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_HISTOGRAM,
	METRIC_KIND__MAX
};

struct metric {
	const char *name;
	const char *help; /* a sentence without its full stop */
	enum metric_kind kind;
	bool is_time; /* ms */
	/* One series for each value of a label; NULL: there is one, without. */
	const char *label;
	const char *const *values; /* those that are NULL are left out */
	size_t values_len;
	/* HISTOGRAM: the upper bounds of its buckets, from the least on. */
	const int64_t *bounds;
	size_t bounds_len;
	atomic_llong *cells; /* METRIC_CELLS() of them */
};

/* The cells of so many series, of a histogram with so many bounds. */
#define METRIC_CELLS(series) ((atomic_llong[series]){ 0 })
#define METRIC_BUCKETS(series, bounds) \
	((atomic_llong[(series) *((bounds) + 2)]){ 0 })
#define METRIC_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* A gauge that is not known, and so not shown. */
#define METRIC_ABSENT INT64_MIN

static inline void
metrics_add(struct metric *metric, size_t series, int64_t n)
{
	atomic_fetch_add_explicit(&metric->cells[series], n,
	    memory_order_relaxed);
}

/* A gauge, or a counter whose number is kept elsewhere. */
static inline void
metrics_set(struct metric *metric, size_t series, int64_t value)
{
	atomic_store_explicit(&metric->cells[series], value,
	    memory_order_relaxed);
}

/* The histogram's; `value` in the unit of its bounds. */
void metrics_observe(struct metric *, size_t series, int64_t value);

/* The series of a label's value; values_len - 1 (what else there is): none. */
size_t metrics_series(const struct metric *, const char *value);

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Appends a list that ends with NULL. */
void metrics_write(struct metric *const *list, struct buffer *text);

/* -- what lib/ counts, of each program that uses it ------------------------ */

extern struct metric metric_build_info;
extern struct metric metric_service_up, metric_reconnects;
extern struct metric metric_confirm_seconds, metric_publishes;

/* ms: of what is done over a network. */
#define METRIC_WAITS 16
extern const int64_t metric_waits[METRIC_WAITS];

#endif
