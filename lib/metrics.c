/* SPDX-License-Identifier: MIT */
/* Numbers in static cells, and their text. */
#include "metrics.h"

#include <inttypes.h>
#include <string.h>

static const char *const kind_names[METRIC_KIND__MAX] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
};

const int64_t metric_waits[METRIC_WAITS] = { 1, 2, 5, 10, 25, 50, 100, 250, 500,
	1000, 2500, 5000, 10000, 30000, 60000, 300000 };

void
metrics_observe(struct metric *metric, size_t series, int64_t value)
{
	atomic_llong *cells = metric->cells + series * (metric->bounds_len + 2);
	size_t i = 0;

	while (i < metric->bounds_len && value > metric->bounds[i])
		i++;
	atomic_fetch_add_explicit(&cells[i], 1, memory_order_relaxed);
	/* The sum is in the last cell, behind that of +Inf. */
	atomic_fetch_add_explicit(&cells[metric->bounds_len + 1], value,
	    memory_order_relaxed);
}

size_t
metrics_series(const struct metric *metric, const char *value)
{
	size_t i;

	for (i = 0; i + 1 < metric->values_len; i++)
		if (metric->values[i] != NULL &&
		    strcmp(metric->values[i], value) == 0)
			break;
	return i;
}

/* -- text ------------------------------------------------------------------ */

static void
write_value(struct buffer *text, const struct metric *metric, int64_t value)
{
	const int64_t ms = value < 0 ? -value : value;

	if (!metric->is_time) {
		buffer_add_number(text, value);
		return;
	}
	buffer_printf(text, "%s%" PRId64 ".%03d", value < 0 ? "-" : "",
	    ms / 1000, (int)(ms % 1000));
}

static void
write_name(struct buffer *text, const struct metric *metric)
{
	buffer_add_text(text, "postrider_");
	buffer_add_text(text, metric->name);
	if (metric->is_time)
		buffer_add_text(text, "_seconds");
	if (metric->kind == METRIC_COUNTER)
		buffer_add_text(text, "_total");
}

/* Its name and label as far as the closing brace; `le` may be NULL. */
static void
begin_sample(struct buffer *text, const struct metric *metric, size_t series,
    const char *suffix)
{
	write_name(text, metric);
	buffer_add_text(text, suffix);
	if (metric->label != NULL) /* all of them are words of ours */
		buffer_printf(text, "{%s=\"%s\"", metric->label,
		    metric->values[series]);
}

static void
end_sample(struct buffer *text, const struct metric *metric, int64_t value)
{
	buffer_add_text(text, metric->label != NULL ? "} " : " ");
	write_value(text, metric, value);
	buffer_add_text(text, "\n");
}

static void
write_bucket(struct buffer *text, const struct metric *metric, size_t series,
    size_t i, int64_t count)
{
	begin_sample(text, metric, series, "_bucket");
	buffer_add_text(text, metric->label != NULL ? ",le=\"" : "{le=\"");
	if (i < metric->bounds_len && metric->is_time)
		buffer_printf(text, "%g", (double)metric->bounds[i] / 1000);
	else if (i < metric->bounds_len)
		buffer_add_number(text, metric->bounds[i]);
	else
		buffer_add_text(text, "+Inf");
	buffer_printf(text, "\"} %" PRId64 "\n", count);
}

static void
write_histogram(struct buffer *text, const struct metric *metric, size_t series)
{
	atomic_llong *cells = metric->cells + series * (metric->bounds_len + 2);
	int64_t count = 0;
	size_t i;

	for (i = 0; i <= metric->bounds_len; i++) {
		count += atomic_load_explicit(&cells[i], memory_order_relaxed);
		write_bucket(text, metric, series, i, count);
	}
	begin_sample(text, metric, series, "_sum");
	end_sample(text, metric,
	    atomic_load_explicit(&cells[i], memory_order_relaxed));
	begin_sample(text, metric, series, "_count");
	buffer_printf(text, "%s %" PRId64 "\n",
	    metric->label != NULL ? "}" : "", count);
}

static void
write_series(struct buffer *text, const struct metric *metric, size_t series)
{
	int64_t value;

	if (metric->kind == METRIC_HISTOGRAM) {
		write_histogram(text, metric, series);
		return;
	}
	value =
	    atomic_load_explicit(&metric->cells[series], memory_order_relaxed);
	if (value == METRIC_ABSENT)
		return;
	begin_sample(text, metric, series, "");
	end_sample(text, metric, value);
}

static void
write_head(struct buffer *text, const struct metric *metric)
{
	buffer_add_text(text, "# HELP ");
	write_name(text, metric);
	buffer_printf(text, " %s.\n# TYPE ", metric->help);
	write_name(text, metric);
	buffer_printf(text, " %s\n", kind_names[metric->kind]);
}

void
metrics_write(struct metric *const *list, struct buffer *text)
{
	const struct metric *metric;
	size_t i;

	for (; *list != NULL; list++) {
		metric = *list;
		write_head(text, metric);
		if (metric->label == NULL)
			write_series(text, metric, 0);
		for (i = 0; metric->label != NULL && i < metric->values_len;
		     i++)
			if (metric->values[i] != NULL)
				write_series(text, metric, i);
	}
}
