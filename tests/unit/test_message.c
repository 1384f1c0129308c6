/* SPDX-License-Identifier: MIT */
/* unit.message: what a client may say, and what is wrong with the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "job.h"
#include "message.h"

static const char *why;

static struct message
read_good(const char *text)
{
	struct message message;

	assert_int_equal(message_read(&message, text, strlen(text), &why), 0);
	return message;
}

static void
test_each_type(void **state)
{
	struct message message;

	(void)state;
	assert_int_equal(read_good("{\"type\":\"ping\"}").type, MESSAGE_PING);
	message = read_good(" {\"job_id\":\"a-1\",\"type\":\"subscribe_job\","
			    "\"more\":[{}]}");
	assert_int_equal(message.type, MESSAGE_SUBSCRIBE_JOB);
	assert_string_equal(message.job_id, "a-1");
	message = read_good("{\"type\":\"resume\",\"last_event_id\":\"12-3\"}");
	assert_int_equal(message.type, MESSAGE_RESUME);
	assert_true(message.after.ms == 12 && message.after.n == 3);
	message = read_good("{\"type\":\"subscribe\",\"status\":[\"failed\","
			    "\"queued\",\"failed\"]}");
	assert_int_equal(message.type, MESSAGE_SUBSCRIBE);
	assert_int_equal(message.statuses, 1U << JOB_FAILED | 1U << JOB_QUEUED);
	assert_int_equal(read_good("{\"type\":\"subscribe\"}").statuses, 0);
}

static void
test_what_is_none(void **state)
{
	static const char *const texts[][2] = {
		{ "", "it is no JSON object" },
		{ "{", "it is no JSON object" },
		{ "{} {}", "it is no JSON object" },
		{ "[{\"type\":\"ping\"}]", "it is no JSON object" },
		{ "{'type':'ping'}", "it is no JSON object" },
		{ "{}", "it has no type" },
		{ "{\"type\":1}", "it has no type" },
		{ "{\"type\":\"ping \"}", "its type is not known" },
		{ "{\"type\":\"ping\\u0000\"}", "its type is not known" },
		{ "{\"type\":\"subscribe_job\",\"job_id\":\"\"}",
		    "job_id is no job's id" },
		{ "{\"type\":\"subscribe_job\",\"job_id\":\"a\\u0000\"}",
		    "job_id is no job's id" },
		{ "{\"type\":\"resume\",\"last_event_id\":12}",
		    "last_event_id is no event's id" },
		{ "{\"type\":\"subscribe\",\"status\":{}}",
		    "status is no list" },
		{ "{\"type\":\"subscribe\",\"status\":[1]}",
		    "status is no list of strings" },
		{ "{\"type\":\"subscribe\",\"status\":[\"Failed\"]}",
		    "status has one that is not known" },
	};
	struct message message;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(message_read(&message, texts[i][0],
				     strlen(texts[i][0]), &why),
		    -1);
		assert_string_equal(why, texts[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_type),
		cmocka_unit_test(test_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
