/* SPDX-License-Identifier: MIT */
/* unit.span: where traces go, which are sampled, and that off is nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "otlp.h"
#include "otlp_settings.h"
#include "span.h"

static struct span_form form;

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

static void
load(struct config *config)
{
	assert_int_equal(config_load(config, CONFIG_API, stderr), 0);
}

static void
test_where_traces_go(void **state)
{
	static const struct {
		const char *name, *value, *url;
	} rows[] = {
		{ "OTEL_EXPORTER_JAEGER_ENDPOINT",
		    "http://jaeger:14268/api/traces",
		    "http://jaeger:4318/v1/traces" },
		{ "OTEL_EXPORTER_JAEGER_ENDPOINT", "http://[::1]:14268/x",
		    "http://[::1]:4318/v1/traces" },
		/* Each goes before the one above it. */
		{ "OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318",
		    "http://c:4318/v1/traces" },
		{ "OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/",
		    "http://c:4318/v1/traces" },
		{ "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/as-it-is",
		    "http://t/as-it-is" },
	};
	struct config config;
	struct buffer url = { 0 };
	size_t i;

	(void)state;
	load(&config);
	otlp_settings_endpoint(&config, &url);
	assert_int_equal(url.len, 0);
	config_free(&config);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setenv(rows[i].name, rows[i].value, 1);
		load(&config);
		buffer_clear(&url);
		otlp_settings_endpoint(&config, &url);
		assert_string_equal(url.data, rows[i].url);
		config_free(&config);
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		unsetenv(rows[i].name);
	buffer_free(&url);
}

/* Nothing listens there: what is sent is dropped, and nobody waits. */
static void
open_with(struct config *config, const char *sampler, const char *ratio)
{
	setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9", 1);
	setenv("OTEL_TRACES_SAMPLER", sampler, 1);
	setenv("OTEL_TRACES_SAMPLER_ARG", ratio, 1);
	load(config);
	otlp_open(config, "test");
	assert_true(otlp_is_on());
}

static void
test_which_are_sampled(void **state)
{
	static const char sampled[] = "00-" TRACE "-00f067aa0ba902b7-01";
	static const char not [] = "00-" TRACE "-00f067aa0ba902b7-00";
	static const struct {
		const char *sampler, *ratio;
		bool root, of_sampled, of_not;
	} rows[] = {
		{ "always_on", "", true, true, true },
		{ "always_off", "", false, false, false },
		{ "traceidratio", "1", true, true, true },
		{ "traceidratio", "0", false, false, false },
		{ "parentbased_always_on", "", true, true, false },
		{ "parentbased_always_off", "", false, true, false },
		{ "parentbased_traceidratio", "0", false, true, false },
	};
	struct config config;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		open_with(&config, rows[i].sampler, rows[i].ratio);
		assert_int_equal(otlp_samples(TRACE, ""), rows[i].root);
		assert_int_equal(otlp_samples(TRACE, sampled),
		    rows[i].of_sampled);
		assert_int_equal(otlp_samples(TRACE, not ), rows[i].of_not);
		otlp_close();
		config_free(&config);
	}
}

static void
test_without_a_collector_it_is_nothing(void **state)
{
	static const char parent[] = "00-" TRACE "-00f067aa0ba902b7-01";
	char goes_on[TRACEPARENT_SIZE] = "";
	struct span *span;

	(void)state;
	memcpy(goes_on, parent, sizeof(goes_on));
	span = span_begin(&form, parent, "a=b");
	assert_null(span);
	span_text(span, "k", "v");
	span_number(span, "n", 1);
	span_event(span, "e");
	span_link(span, 1);
	span_pass(span, goes_on);
	assert_string_equal(goes_on, parent);
	span_end(&span, NULL, NULL);
}

/* Else it would begin a trace of its own. */
static void
test_a_part_of_none_is_none(void **state)
{
	struct config config;

	(void)state;
	open_with(&config, "always_on", "");
	assert_null(span_begin_child(&form, NULL));
	otlp_close();
	config_free(&config);
}

static void
test_it_goes_on_below_its_parent(void **state)
{
	static const char parent[] = "00-" TRACE "-00f067aa0ba902b7-00";
	char context[TRACEPARENT_SIZE];
	struct config config;
	struct span *span;

	(void)state;
	open_with(&config, "always_on", "");
	span = span_begin_as(UINT64_C(0x0123456789abcdef), &form, parent, "");
	span_pass(span, context);
	assert_string_equal(context, "00-" TRACE "-0123456789abcdef-01");
	span_end(&span, NULL, NULL);
	assert_null(span);
	otlp_close();
	config_free(&config);
}

static void
test_what_there_is_no_room_for_is_dropped(void **state)
{
	struct config config;
	struct span *span;
	int64_t before = atomic_load(&metric_spans.cells[1]);
	int i;

	(void)state;
	open_with(&config, "always_on", "");
	for (i = 0; i < OTLP_SPANS_MAX + 100; i++) {
		span = span_begin(&form, "", NULL);
		assert_non_null(span);
		span_end(&span, NULL, NULL);
	}
	otlp_close(); /* the last batch, too, found nobody */
	assert_int_equal(atomic_load(&metric_spans.cells[1]) - before,
	    OTLP_SPANS_MAX + 100);
	config_free(&config);
}

static int
open_form(void **state)
{
	(void)state;
	span_form_begin(&form, "x", SPAN_SERVER, "a", "b");
	return 0;
}

static int
close_form(void **state)
{
	(void)state;
	span_form_free(&form);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where_traces_go),
		cmocka_unit_test(test_without_a_collector_it_is_nothing),
		cmocka_unit_test(test_which_are_sampled),
		cmocka_unit_test(test_a_part_of_none_is_none),
		cmocka_unit_test(test_it_goes_on_below_its_parent),
		cmocka_unit_test(test_what_there_is_no_room_for_is_dropped),
	};

	return cmocka_run_group_tests(tests, open_form, close_form);
}
