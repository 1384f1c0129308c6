/* SPDX-License-Identifier: MIT */
/* unit.problem: error bodies, byte for byte, with hostile text in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "problem.h"
#include "response.h"

static void
test_faults(void **state)
{
	struct faults faults = { 0 };
	const struct problem_extra extra = { .faults = &faults };
	struct buffer out = { 0 };

	(void)state;
	faults_add(&faults, "to", "is %s", "required");
	faults_add(&faults, "a\"b\n", "is \xff");
	problem_write(&out, PROBLEM_VALIDATION, "m", &extra);
	assert_string_equal(out.data,
	    "{\"error\":\"Bad Request\",\"statusCode\":400,"
	    "\"name\":\"validation_error\",\"message\":\"m\",\"details\":["
	    "{\"field\":\"to\",\"message\":\"is required\"},"
	    "{\"field\":\"a\\\"b\\n\",\"message\":\"is \xef\xbf\xbd\"}]}");
	assert_string_equal(faults.summary.data,
	    "to is required; a\"b\n is \xff");
	faults_free(&faults);
	buffer_free(&out);
}

static void
test_job_id(void **state)
{
	const struct problem_extra extra = { .job_id = "x-1" };
	struct buffer out = { 0 };

	(void)state;
	problem_write(&out, PROBLEM_UNKNOWN, "m", &extra);
	assert_string_equal(out.data,
	    "{\"error\":\"Gateway Timeout\",\"statusCode\":504,"
	    "\"name\":\"outcome_unknown\",\"message\":\"m\",\"details\":[],"
	    "\"job_id\":\"x-1\"}");
	buffer_free(&out);
}

static void
test_all_have_a_reason(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < PROBLEM__MAX; i++)
		assert_string_not_equal(response_reason(
					    problem_status((enum problem)i)),
		    "");
}

static void
test_many_faults(void **state)
{
	struct faults faults = { 0 };
	const struct problem_extra extra = { .faults = &faults };
	struct buffer out = { 0 };
	json_object *body, *details;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		faults_add(&faults, "f", "is wrong");
	problem_write(&out, PROBLEM_VALIDATION, "m", &extra);
	body = json_tokener_parse(out.data);
	assert_true(json_object_object_get_ex(body, "details", &details));
	assert_int_equal(json_object_array_length(details), FAULTS_MAX);
	assert_int_equal(faults.count, 1000);
	json_object_put(body);
	faults_free(&faults);
	buffer_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_job_id),
		cmocka_unit_test(test_all_have_a_reason),
		cmocka_unit_test(test_many_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
