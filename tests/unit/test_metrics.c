/* SPDX-License-Identifier: MIT */
/* unit.metrics: numbers go in from several threads, text comes out. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "metrics.h"

#define THREADS 4
#define ROUNDS 10000

static const char *const words[] = { "up", NULL, "other" };
static const int64_t bounds[] = { 1, 250, 10000 };

static struct metric plain = { .name = "mails",
	.help = "All mails",
	.kind = METRIC_COUNTER,
	.cells = METRIC_CELLS(1) };
static struct metric labelled = { .name = "state",
	.help = "What it is",
	.kind = METRIC_GAUGE,
	.label = "state",
	.values = words,
	.values_len = 3,
	.cells = METRIC_CELLS(3) };
static struct metric ages = { .name = "age",
	.help = "How old it is",
	.kind = METRIC_GAUGE,
	.is_time = true,
	.cells = METRIC_CELLS(1) };
static struct metric waits = { .name = "wait",
	.help = "How long it took",
	.kind = METRIC_HISTOGRAM,
	.is_time = true,
	.label = "state",
	.values = words,
	.values_len = 3,
	.bounds = bounds,
	.bounds_len = 3,
	.cells = METRIC_BUCKETS(3, 3) };
static struct metric sizes = { .name = "size",
	.help = "How many",
	.kind = METRIC_HISTOGRAM,
	.bounds = bounds,
	.bounds_len = 3,
	.cells = METRIC_BUCKETS(1, 3) };

static void
assert_text(struct metric *metric, const char *wanted)
{
	struct metric *const list[] = { metric, NULL };
	struct buffer text = { 0 };

	metrics_write(list, &text);
	assert_string_equal(text.data, wanted);
	buffer_free(&text);
}

static void *
count(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		metrics_add(&plain, 0, 1);
		metrics_observe(&sizes, 0, i % 3);
	}
	return NULL;
}

static void
test_nothing_is_lost_between_threads(void **state)
{
	pthread_t threads[THREADS];
	int i;

	(void)state;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, NULL),
		    0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_text(&plain,
	    "# HELP postrider_mails_total All mails.\n"
	    "# TYPE postrider_mails_total counter\n"
	    "postrider_mails_total 40000\n");
	assert_text(&sizes,
	    "# HELP postrider_size How many.\n"
	    "# TYPE postrider_size histogram\n"
	    "postrider_size_bucket{le=\"1\"} 26668\n"
	    "postrider_size_bucket{le=\"250\"} 40000\n"
	    "postrider_size_bucket{le=\"10000\"} 40000\n"
	    "postrider_size_bucket{le=\"+Inf\"} 40000\n"
	    "postrider_size_sum 39996\n"
	    "postrider_size_count 40000\n");
}

static void
test_a_label_has_a_series_for_each_value(void **state)
{
	(void)state;
	metrics_set(&labelled, metrics_series(&labelled, "up"), 1);
	metrics_set(&labelled, metrics_series(&labelled, "?"), 7);
	assert_text(&labelled,
	    "# HELP postrider_state What it is.\n"
	    "# TYPE postrider_state gauge\n"
	    "postrider_state{state=\"up\"} 1\n"
	    "postrider_state{state=\"other\"} 7\n");
	metrics_set(&labelled, 0, METRIC_ABSENT);
	assert_text(&labelled,
	    "# HELP postrider_state What it is.\n"
	    "# TYPE postrider_state gauge\n"
	    "postrider_state{state=\"other\"} 7\n");
}

static void
test_times_are_told_in_seconds(void **state)
{
	(void)state;
	metrics_set(&ages, 0, 61007);
	assert_text(&ages,
	    "# HELP postrider_age_seconds How old it is.\n"
	    "# TYPE postrider_age_seconds gauge\n"
	    "postrider_age_seconds 61.007\n");
	metrics_set(&ages, 0, -250); /* a clock that was set back */
	assert_text(&ages,
	    "# HELP postrider_age_seconds How old it is.\n"
	    "# TYPE postrider_age_seconds gauge\n"
	    "postrider_age_seconds -0.250\n");
}

static void
test_a_bound_belongs_to_its_bucket(void **state)
{
	(void)state;
	metrics_observe(&waits, 2, 250);
	metrics_observe(&waits, 2, 251);
	metrics_observe(&waits, 2, 99999);
	assert_text(&waits,
	    "# HELP postrider_wait_seconds How long it took.\n"
	    "# TYPE postrider_wait_seconds histogram\n"
	    "postrider_wait_seconds_bucket{state=\"up\",le=\"0.001\"} 0\n"
	    "postrider_wait_seconds_bucket{state=\"up\",le=\"0.25\"} 0\n"
	    "postrider_wait_seconds_bucket{state=\"up\",le=\"10\"} 0\n"
	    "postrider_wait_seconds_bucket{state=\"up\",le=\"+Inf\"} 0\n"
	    "postrider_wait_seconds_sum{state=\"up\"} 0.000\n"
	    "postrider_wait_seconds_count{state=\"up\"} 0\n"
	    "postrider_wait_seconds_bucket{state=\"other\",le=\"0.001\"} 0\n"
	    "postrider_wait_seconds_bucket{state=\"other\",le=\"0.25\"} 1\n"
	    "postrider_wait_seconds_bucket{state=\"other\",le=\"10\"} 2\n"
	    "postrider_wait_seconds_bucket{state=\"other\",le=\"+Inf\"} 3\n"
	    "postrider_wait_seconds_sum{state=\"other\"} 100.500\n"
	    "postrider_wait_seconds_count{state=\"other\"} 3\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_lost_between_threads),
		cmocka_unit_test(test_a_label_has_a_series_for_each_value),
		cmocka_unit_test(test_times_are_told_in_seconds),
		cmocka_unit_test(test_a_bound_belongs_to_its_bucket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
