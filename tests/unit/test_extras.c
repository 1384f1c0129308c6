/* SPDX-License-Identifier: MIT */
/* unit.extras: what plain mail has not, through the payload and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hint.h"
#include "job.h"

#define HEAD                                                                     \
	"{\"job_id\":\"1\",\"to\":[\"\\\"Ann\\\" <a@b.c>\"],\"cc\":[\"d@e.f\"]," \
	"\"bcc\":[\"g@h.i\"],\"subject\":\"s\""
#define REST                                                                  \
	",\"html\":\"<p>\",\"reply_to\":[\"\\\"R\\\" <r@s.t>\",\"u@v.w\"],"   \
	"\"headers\":{\"X-A\":\"1\",\"X-B\":\"2\"},"                          \
	"\"tags\":[{\"name\":\"a\",\"value\":\"b\"}],\"metadata\":{\"k\":7}," \
	"\"attachments\":[{\"filename\":\"a.txt\",\"size\":3},"               \
	"{\"content_type\":\"image/png\",\"content_id\":\"logo\",\"size\":0}]}"

static int
decode(struct job *job, const char *text, const char **why)
{
	json_object *payload = json_tokener_parse(text);
	int result;

	assert_non_null(payload);
	memset(job, 0, sizeof(*job));
	result = job_decode(job, payload, why);
	json_object_put(payload);
	return result;
}

static void
test_round_trip(void **state)
{
	static const char files[] = { 'x', '\0', 'y' };
	struct buffer text = { 0 };
	const struct extras *extras;
	const char *why = "";
	struct job job;

	(void)state;
	if (decode(&job, HEAD REST, &why) == -1)
		fail_msg("%s", why);
	assert_null(job.body);
	assert_int_equal(job.recipients_len, 3);
	assert_string_equal(job.recipients[0].name, "Ann");
	assert_int_equal(job.recipients[1].role, RECIPIENT_CC);
	assert_int_equal(job.recipients[2].role, RECIPIENT_BCC);
	extras = job.extras;
	assert_int_equal(extras->reply_to_len, 2);
	assert_string_equal(extras->headers[1].name, "X-B");
	assert_string_equal(extras->attachments[0].filename, "a.txt");
	assert_string_equal(extras->attachments[1].content_id, "logo");
	assert_int_equal(extras_take_files(job.extras, files, 2), -1);
	assert_int_equal(extras_take_files(job.extras, files, 3), 0);
	job_encode(&job, &text);
	assert_string_equal(text.data, HEAD REST);
	assert_int_equal(text.len, strlen(HEAD REST) + 1 + sizeof(files));
	assert_memory_equal(text.data + text.len - 3, files, sizeof(files));
	buffer_free(&text);
	job_clear(&job);
}

/* Who is in several fields is where others see him. */
static void
test_roles(void **state)
{
	struct mailbox box;
	struct job job = { 0 };

	(void)state;
	assert_int_equal(mailbox_parse(&box, "a@b.c", 5), ADDRESS_OK);
	assert_int_equal(job_add_mailbox(&job, RECIPIENT_BCC, &box), 0);
	assert_int_equal(mailbox_parse(&box, "A <a@B.c>", 9), ADDRESS_OK);
	assert_int_equal(job_add_mailbox(&job, RECIPIENT_CC, &box), 0);
	assert_int_equal(mailbox_parse(&box, "a@b.c", 5), ADDRESS_OK);
	assert_int_equal(job_add_mailbox(&job, RECIPIENT_BCC, &box), 0);
	assert_int_equal(job.recipients_len, 1);
	assert_int_equal(job.recipients[0].role, RECIPIENT_CC);
	job_clear(&job);
}

static void
test_plain_has_none(void **state)
{
	const char *why;
	struct job job;

	(void)state;
	assert_int_equal(decode(&job, HEAD ",\"body\":\"b\"}", &why), 0);
	assert_null(job.extras);
	assert_false(job_has_files(&job));
	job_clear(&job);
}

/* From AMQP anything may come. */
static void
test_wrong(void **state)
{
	static const char *const rows[] = {
		"\"html\":7",
		"\"reply_to\":\"a@b.c\"",
		"\"reply_to\":[\"x\"]",
		"\"reply_to\":[1]",
		"\"cc\":[\"x\"]",
		"\"bcc\":7",
		"\"headers\":[]",
		"\"headers\":{\"From\":\"x\"}",
		"\"headers\":{\"X-A\":\"a\\r\\nb\"}",
		"\"headers\":{\"X-A\":1}",
		"\"headers\":{\"X-A\":\"a\\u0000b\"}",
		"\"attachments\":{}",
		"\"attachments\":[1]",
		"\"attachments\":[{}]",
		"\"attachments\":[{\"size\":-1}]",
		"\"attachments\":[{\"size\":\"1\"}]",
		"\"attachments\":[{\"size\":1,\"filename\":\"a/b\"}]",
		"\"attachments\":[{\"size\":1,\"content_type\":\"a\"}]",
		"\"attachments\":[{\"size\":1,\"content_id\":\"a b\"}]",
		("\"attachments\":[{\"size\":9223372036854775807},"
		 "{\"size\":9223372036854775807},{\"size\":9}]"),
	};
	struct buffer text = { 0 };
	const char *why;
	struct job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer_clear(&text);
		buffer_printf(&text,
		    "{\"job_id\":\"1\",\"to\":\"a@b.c\",\"subject\":\"s\","
		    "\"body\":\"b\",%s}",
		    rows[i]);
		if (decode(&job, text.data, &why) == 0)
			fail_msg("taken: %s", rows[i]);
		assert_int_equal(strlen(why) > 0, 1);
	}
	buffer_free(&text);
}

/* The bytes of files do not travel. */
static void
test_hint(void **state)
{
	struct hint_parts parts = { .id = "1", .next_at = 5 };
	struct buffer body = { 0 };
	struct hint hint;
	const char *why;

	(void)state;
	parts.payload = HEAD REST "\0xyz";
	parts.payload_len = strlen(HEAD REST) + 4;
	hint_encode(&parts, &body);
	assert_string_equal(body.data,
	    "{\"version\":1,\"next_at\":5,\"content\":{\"job_id\":\"1\"}}");
	assert_int_equal(hint_decode(&hint, HEAD REST, strlen(HEAD REST), &why),
	    0);
	assert_true(hint.by_id);
	hint_clear(&hint);
	buffer_free(&body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_plain_has_none),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
