/* SPDX-License-Identifier: MIT */
/* The payload's JSON: what is written is read again, old shapes are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "job.h"

static int
decode(struct job *job, const char *text, const char **why)
{
	json_object *payload = json_tokener_parse(text);
	int result;

	memset(job, 0, sizeof(*job));
	*why = NULL;
	result = job_decode(job, payload, why);
	json_object_put(payload);
	return result;
}

static void
test_round_trip(void **state)
{
	struct buffer text = { 0 }, again = { 0 };
	struct job job, copy;
	const char *why;

	(void)state;
	assert_int_equal(
	    decode(&job,
		"{\"job_id\":\"j-1\",\"from\":\"\\\"Jo \\\\\\\" E\\\" <j@e.org>\","
		"\"to\":[\"a@b.c\",\"d@e.f\"],\"subject\":\"S \\u00fc\","
		"\"body\":\"x\\u0000y\\n\","
		"\"created_at\":\"2025-06-29T15:52:17.432Z\"}",
		&why),
	    0);
	assert_string_equal(job.from.name, "Jo \" E");
	assert_string_equal(job.from.address, "j@e.org");
	assert_int_equal(job.recipients_len, 2);
	assert_int_equal(job.body_len, 4);
	assert_int_equal(job.created_at, INT64_C(1751212337432));
	job_encode(&job, &text);
	assert_int_equal(decode(&copy, text.data, &why), 0);
	job_encode(&copy, &again);
	assert_string_equal(text.data, again.data);
	assert_memory_equal(copy.body, "x\0y\n", 5);
	job_clear(&job);
	job_clear(&copy);
	buffer_free(&text);
	buffer_free(&again);
}

/* created_at of older publishers. */
static void
test_times(void **state)
{
	static const struct {
		const char *json;
		int64_t ms;
	} rows[] = {
		{ "\"2025-06-29T15:52:17Z\"", INT64_C(1751212337000) },
		{ "\"2025-06-29T17:52:17.5+02:00\"", INT64_C(1751212337500) },
		{ "\"2025-06-29T15:52:17.432123\"", INT64_C(1751212337432) },
		{ "1751212337", INT64_C(1751212337000) },
		{ "1751212337432", INT64_C(1751212337432) },
		{ "1751212337.5", INT64_C(1751212337500) },
		{ "\"1751212337\"", INT64_C(1751212337000) },
		{ "\"1751212337432\"", INT64_C(1751212337432) },
		{ "\"yesterday\"", 0 },
		{ "null", 0 },
		{ "-5", 0 },
		{ "1e300", 0 },
	};
	struct buffer text = { 0 };
	struct job job;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer_clear(&text);
		buffer_printf(&text,
		    "{\"job_id\":\"1\",\"to\":\"a@b.c\","
		    "\"subject\":\"s\",\"text\":\"t\",\"created_at\":%s}",
		    rows[i].json);
		assert_int_equal(decode(&job, text.data, &why), 0);
		assert_int_equal(job.created_at, rows[i].ms);
		job_clear(&job);
	}
	buffer_free(&text);
}

static void
test_refused(void **state)
{
	static const char *const rows[] = {
		"[]",
		"{}",
		"{\"job_id\":5,\"to\":\"a@b.c\",\"subject\":\"\",\"body\":\"\"}",
		"{\"job_id\":\"a b\",\"to\":\"a@b.c\",\"subject\":\"\","
		"\"body\":\"\"}",
		"{\"job_id\":\"1\",\"subject\":\"\",\"body\":\"\"}",
		"{\"job_id\":\"1\",\"to\":[],\"subject\":\"\",\"body\":\"\"}",
		"{\"job_id\":\"1\",\"to\":[1],\"subject\":\"\",\"body\":\"\"}",
		"{\"job_id\":\"1\",\"to\":\"x\",\"subject\":\"\",\"body\":\"\"}",
		"{\"job_id\":\"1\",\"to\":\"a@b.c\",\"body\":\"\"}",
		"{\"job_id\":\"1\",\"to\":\"a@b.c\",\"subject\":\"\"}",
		"{\"job_id\":\"1\",\"to\":\"a@b.c\",\"subject\":\"a\\r\\nBcc: x\","
		"\"body\":\"\"}",
		"{\"job_id\":\"1\",\"to\":\"a@b.c\",\"subject\":\"a\\u0000b\","
		"\"body\":\"\"}",
		"{\"job_id\":\"1\",\"to\":\"a@b.c\",\"subject\":\"a\\u202eb\","
		"\"body\":\"\"}",
		"{\"job_id\":\"1\",\"to\":\"a\\u200b@b.c\",\"subject\":\"\","
		"\"body\":\"\"}",
		"{\"job_id\":\"1\",\"to\":\"a@p\\u0430y.c\",\"subject\":\"\","
		"\"body\":\"\"}",
		"{\"job_id\":\"1\",\"from\":\"x\",\"to\":\"a@b.c\","
		"\"subject\":\"\",\"body\":\"\"}",
	};
	struct job job;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (decode(&job, rows[i], &why) != -1)
			fail_msg("taken: %s", rows[i]);
		assert_non_null(why);
		assert_int_equal(job.recipients_len, 0);
		assert_null(job.subject);
	}
}

/* As from the API: one form of an address, and it once. */
static void
test_normal_form(void **state)
{
	struct job job;
	const char *why;

	(void)state;
	assert_int_equal(
	    decode(&job,
		"{\"job_id\":\"1\",\"to\":[\"a@B\\u00fc.C\",\"a@xn--b-eha.c\"],"
		"\"from\":\"N <a@B.C>\",\"subject\":\"\",\"body\":\"\"}",
		&why),
	    0);
	assert_int_equal(job.recipients_len, 1);
	assert_string_equal(job.recipients[0].address, "a@xn--b-eha.c");
	assert_string_equal(job.from.address, "a@b.c");
	/* Results of before there was a normal form. */
	assert_int_equal(
	    job_decode_results(&job,
		"[{\"address\":\"a@XN--B-eha.c\",\"state\":\"taken\"}]", 45),
	    0);
	assert_int_equal(job.recipients[0].state, RECIPIENT_TAKEN);
	job_clear(&job);
}

/* One written by an older system: results could not tell them apart. */
static void
test_recipient_twice(void **state)
{
	struct job job;
	const char *why;

	(void)state;
	assert_int_equal(decode(&job,
			     "{\"job_id\":\"1\",\"to\":[\"a@b.c\",\"d@e.f\","
			     "\"Ann <a@b.c>\"],\"subject\":\"\",\"body\":\"\"}",
			     &why),
	    0);
	assert_int_equal(job.recipients_len, 2);
	assert_string_equal(job.recipients[0].address, "a@b.c");
	assert_string_equal(job.recipients[1].address, "d@e.f");
	job_clear(&job);
}

static void
test_results(void **state)
{
	struct buffer text = { 0 };
	struct job job, other = { 0 };
	const char *why;

	(void)state;
	assert_int_equal(
	    decode(&job,
		"{\"job_id\":\"1\",\"to\":[\"a@b.c\","
		"\"d@e.f\",\"g@h.i\"],\"subject\":\"\",\"body\":\"\"}",
		&why),
	    0);
	job.recipients[1].state = RECIPIENT_TAKEN;
	job.recipients[1].code = 250;
	job.recipients[1].reply = strdup("250 \"fine\"\n");
	job.recipients[2].state = RECIPIENT_REFUSED;
	job_encode_results(&job, &text);
	job_add_recipient(&other, "g@h.i", 5);
	job_add_recipient(&other, "d@e.f", 5);
	assert_int_equal(job_decode_results(&other, text.data, text.len), 0);
	assert_int_equal(other.recipients[0].state, RECIPIENT_REFUSED);
	assert_int_equal(other.recipients[1].state, RECIPIENT_TAKEN);
	assert_int_equal(other.recipients[1].code, 250);
	assert_string_equal(other.recipients[1].reply, "250 \"fine\"\n");
	assert_int_equal(job_count(&job, RECIPIENT_WAITING), 1);
	buffer_clear(&text);
	other.recipients[0].state = RECIPIENT_SUPPRESSED;
	free(other.recipients[0].reply);
	other.recipients[0].reply = strdup("suppressed: manual");
	job_encode_results(&other, &text);
	assert_null(strstr(text.data, "\"suppressed\""));
	other.recipients[0].state = RECIPIENT_WAITING;
	assert_int_equal(job_decode_results(&other, text.data, text.len), 0);
	assert_int_equal(other.recipients[0].state, RECIPIENT_SUPPRESSED);
	assert_int_equal(job_decode_results(&other, "{}", 2), -1);
	assert_int_equal(job_decode_results(&other, "[", 1), -1);
	job_clear(&job);
	job_clear(&other);
	buffer_free(&text);
}

static void
test_too_many(void **state)
{
	struct job job = { 0 };
	char address[] = "a0@b.c";

	(void)state;
	for (; job.recipients_len < JOB_RECIPIENTS_MAX; address[1]++)
		if (address[1] != '@')
			assert_int_equal(job_add_recipient(&job, address, 6),
			    0);
	assert_int_equal(job_add_recipient(&job, "z@b.c", 5), -1);
	assert_int_equal(job_add_recipient(&job, "a0@B.C", 6), 0);
	assert_int_equal(job.recipients_len, JOB_RECIPIENTS_MAX);
	assert_string_equal(job.recipients[0].address, "a0@b.c");
	job_clear(&job);
}

static void
test_status_words(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < JOB_STATUS__MAX; i++)
		assert_int_equal(job_status_find(job_status_names[i],
				     strlen(job_status_names[i])),
		    i);
	assert_int_equal(job_status_find("queue", 5), JOB_STATUS__MAX);
	assert_int_equal(job_status_find("", 0), JOB_STATUS__MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_normal_form),
		cmocka_unit_test(test_recipient_twice),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_status_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
