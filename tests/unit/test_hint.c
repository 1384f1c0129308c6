/* SPDX-License-Identifier: MIT */
/* The AMQP body: ours, by id, the older shapes, and poison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hint.h"

#define PAYLOAD \
	"{\"job_id\":\"j1\",\"to\":[\"a@b.c\"],\"subject\":\"s\",\"body\":\"b\"}"

static void
test_ours(void **state)
{
	static const char results[] =
	    "[{\"address\":\"a@b.c\",\"state\":\"taken\",\"code\":250,"
	    "\"reply\":null}]";
	struct hint_parts parts = { .id = "j1",
		.next_at = 42,
		.payload = PAYLOAD,
		.payload_len = strlen(PAYLOAD),
		.results = results,
		.results_len = strlen(results) };
	struct buffer body = { 0 };
	struct hint hint;
	const char *why;

	(void)state;
	hint_encode(&parts, &body);
	assert_int_equal(hint_decode(&hint, body.data, body.len, &why), 0);
	assert_string_equal(hint.job.id, "j1");
	assert_false(hint.by_id);
	assert_int_equal(hint.next_at, 42);
	assert_int_equal(hint.job.recipients[0].state, RECIPIENT_TAKEN);
	hint_clear(&hint);
	buffer_free(&body);
}

/* Too big for the broker, or without payload: only the id travels. */
static void
test_by_id(void **state)
{
	struct hint_parts parts = { .id = "j1", .next_at = 7 };
	struct buffer body = { 0 };
	char *big = calloc(1, HINT_CONTENT_MAX + 1);
	struct hint hint;
	const char *why;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		buffer_clear(&body);
		hint_encode(&parts, &body);
		assert_true(body.len < 100);
		assert_int_equal(hint_decode(&hint, body.data, body.len, &why),
		    0);
		assert_true(hint.by_id);
		assert_string_equal(hint.job.id, "j1");
		assert_int_equal(hint.next_at, 7);
		hint_clear(&hint);
		parts.payload = big;
		parts.payload_len = HINT_CONTENT_MAX + 1;
	}
	free(big);
	buffer_free(&body);
}

static void
test_older_shapes(void **state)
{
	static const char *const rows[] = {
		PAYLOAD,
		"{\"content\":" PAYLOAD "}",
		"{\"content\":" PAYLOAD ",\"extra\":{\"x\":1}}",
	};
	struct hint hint;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(hint_decode(&hint, rows[i], strlen(rows[i]),
				     &why),
		    0);
		assert_string_equal(hint.job.id, "j1");
		assert_int_equal(hint.next_at, 0);
		assert_int_equal(hint.job.body_len, 1);
		hint_clear(&hint);
	}
}

static void
test_poison(void **state)
{
	static const struct {
		const char *body, *why;
	} rows[] = {
		{ "", "empty" },
		{ "{", "not JSON" },
		{ "hello", "not JSON" },
		{ "{\"a\":\"\xff\"}", "not UTF-8" },
		{ "{\"a\":\"\xc0\xaf\"}", "not UTF-8" }, /* overlong */
		{ "{\"a\":\"\xed\xa0\x80\"}", "not UTF-8" }, /* surrogate */
		{ "[]", "not a JSON object" },
		{ "{}", "no job_id" },
		{ "{\"content\":{}}", "no job_id" },
		{ "{\"content\":[]}", "not a JSON object" },
		{ "{\"content\":{\"job_id\":\"a b\"}}",
		    "job_id is not 1-64 of [A-Za-z0-9._-]" },
		{ "{\"version\":2,\"content\":" PAYLOAD "}",
		    "unknown version" },
		{ "{\"to\":\"a@b.c\",\"subject\":\"s\",\"body\":\"b\"}",
		    "no job_id" },
	};
	struct hint hint;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(hint_decode(&hint, rows[i].body,
				     strlen(rows[i].body), &why),
		    -1);
		assert_string_equal(why, rows[i].why);
		assert_string_equal(hint.job.id, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_by_id),
		cmocka_unit_test(test_older_shapes),
		cmocka_unit_test(test_poison),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
