/* SPDX-License-Identifier: MIT */
/* unit.submission: bodies of POST /api/emails, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "moment.h"
#include "submission.h"

#define REST "\"subject\":\"s\",\"body\":\"b\"}"

static struct job job;
static struct faults faults;
static struct lint lint;

static int
read_text(const char *text)
{
	return submission_read(&job, text, strlen(text), &faults, &lint);
}

static int
reset(void **state)
{
	(void)state;
	job_clear(&job);
	faults_free(&faults);
	faults_free(&lint.warnings);
	return 0;
}

static void
test_plain(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"to\":\"a@b.c\",\"subject\":\"Gr\\u00fc"
				   "\xc3\x9f"
				   "e\\t!\",\"body\":\"x\\r\\n.\\n\"}"),
	    0);
	assert_int_equal(job.recipients_len, 1);
	assert_string_equal(job.recipients[0].address, "a@b.c");
	assert_string_equal(job.subject,
	    "Gr\xc3\xbc\xc3\x9f"
	    "e\t!");
	assert_string_equal(job.body, "x\r\n.\n");
	assert_int_equal(job.body_len, 5);
	assert_null(job.from.address);
}

static void
test_times(void **state)
{
	const int64_t now = INT64_C(1751212337000);

	(void)state;
	job.created_at = now;
	assert_int_equal(read_text("{\"to\":\"a@b.c\",\"scheduled_at\":\"in 1 "
				   "min\",\"expires_at\":"
				   "\"2025-06-29T16:52:17Z\"," REST),
	    0);
	assert_int_equal(job.scheduled_at, now + 60000);
	assert_int_equal(job.expires_at, now + 3600000);
	reset(state);
	job.created_at = now;
	assert_int_equal(read_text("{\"to\":\"a@b.c\",\"scheduled_at\":"
				   "\"2025-06-29T15:52:00Z\"," REST),
	    0);
	assert_int_equal(job.scheduled_at, 0); /* a moment ago: now */
	reset(state);
	job.created_at = now;
	assert_int_equal(read_text("{\"to\":\"a@b.c\",\"scheduled_at\":"
				   "\"soon\",\"expires_at\":7," REST),
	    -1);
	assert_string_equal(faults.summary.data,
	    "scheduled_at " MOMENT_FAULT
	    "; expires_at must be a string, not a number");
	reset(state);
	job.created_at = now;
	assert_int_equal(read_text("{\"to\":\"a@b.c\",\"scheduled_at\":\"in 2 "
				   "days\",\"expires_at\":\"in 1 day\"," REST),
	    -1);
	assert_string_equal(faults.summary.data,
	    "expires_at must be after scheduled_at");
}

static void
test_rich(void **state)
{
	(void)state;
	assert_int_equal(read_text(
			     "{\"text\":\"t\",\"from\":\"\\\"Na, me\\\" "
			     "<f@x.y>\",\"subject\":\"s\",\"to\":[\"a@b.c\","
			     "\"N <d@e.f>\",\"a@B.C\",\"A@b.c\"]}"),
	    0);
	assert_string_equal(job.body, "t");
	assert_string_equal(job.from.name, "Na, me");
	assert_string_equal(job.from.address, "f@x.y");
	assert_int_equal(job.recipients_len, 3); /* a@B.C is a@b.c */
	assert_string_equal(job.recipients[1].address, "d@e.f");
	assert_string_equal(job.recipients[2].address, "A@b.c");
}

/* What is kept is the normal form; the name and the subject stay. */
static void
test_normal_form(void **state)
{
	(void)state;
	assert_int_equal(read_text(
			     "{\"to\":[\"\\u00fc@B\\u00fccher.example\","
			     "\"u\\u0308@b\\u00dccher.Example\","
			     "\"\\u00dc@xn--bcher-kva.example\"],"
			     "\"from\":\"u\\u0308 <F@X.Y>\","
			     "\"subject\":\"u\\u0308\\u200f\",\"body\":\"b\"}"),
	    0);
	assert_int_equal(job.recipients_len, 2);
	assert_string_equal(job.recipients[0].address,
	    "\xc3\xbc@xn--bcher-kva.example");
	assert_string_equal(job.recipients[1].address,
	    "\xc3\x9c@xn--bcher-kva.example");
	assert_string_equal(job.from.name, "u\xcc\x88");
	assert_string_equal(job.from.address, "F@x.y");
	assert_string_equal(job.subject, "u\xcc\x88\xe2\x80\x8f");
}

/* Every field; who is named twice is there once. */
static void
test_extras(void **state)
{
	const struct extras *extras;

	(void)state;
	assert_int_equal(read_text(
			     "{\"bcc\":[\"x@y.z\",\"a@b.c\"],"
			     "\"to\":\"Ann <a@b.c>\",\"cc\":\"d@e.f\","
			     "\"reply_to\":[\"r@s.t\",\"r@S.t\"],"
			     "\"subject\":\"s\",\"html\":\"<p>\","
			     "\"text\":\"\",\"priority\":null,"
			     "\"headers\":{\"X-A\":\"1\"},"
			     "\"tags\":[{\"value\":\"v\",\"name\":\"n\"}, "
			     "{\"name\":\"o\",\"value\":\"p\"}],"
			     "\"metadata\":{\"a\" : 7,\"b\":\"\\n\"},"
			     "\"attachments\":[{\"content\":\"Zm9v\"}]}"),
	    0);
	assert_null(job.body);
	assert_int_equal(job.recipients_len, 3);
	assert_string_equal(job.recipients[1].address, "a@b.c");
	assert_int_equal(job.recipients[1].role, RECIPIENT_TO);
	assert_int_equal(job.recipients[0].role, RECIPIENT_BCC);
	assert_int_equal(job.recipients[2].role, RECIPIENT_CC);
	extras = job.extras;
	assert_int_equal(extras->reply_to_len, 1);
	assert_string_equal(extras->html, "<p>");
	assert_string_equal(extras->headers[0].value, "1");
	assert_string_equal(extras->tags,
	    "[{\"name\":\"n\",\"value\":\"v\"},"
	    "{\"name\":\"o\",\"value\":\"p\"}]");
	assert_string_equal(extras->metadata, "{\"a\":7,\"b\":\"\\n\"}");
	assert_int_equal(extras->files_len, 3);
	assert_true(job_has_files(&job));
}

/* What is taken, and not as it should be; with `strict` it is not. */
static void
check_warning(bool strict, const char *fields, const char *field)
{
	const struct faults *told = strict ? &faults : &lint.warnings;
	struct buffer text = { 0 };

	reset(NULL);
	buffer_printf(&text,
	    "{\"to\":\"a@b.c\",\"subject\":\"s\",\"strict\":%s,%s}",
	    strict ? "true" : "false", fields);
	assert_int_equal(read_text(text.data),
	    strict && field != NULL ? -1 : 0);
	assert_int_equal(faults.count + lint.warnings.count, field != NULL);
	if (field != NULL)
		assert_int_equal(strncmp(told->summary.data, field,
				     strlen(field)),
		    0);
	buffer_free(&text);
}

static void
test_warnings(void **state)
{
	static const struct {
		const char *fields, *field; /* NULL: nothing to say */
	} rows[] = {
		{ "\"html\":\"h\"", "text" },
		{ "\"html\":\"h\",\"text\":\"t\"", NULL },
		{ "\"text\":\"t\",\"headers\":{\"List-ID\":\"x\"}",
		    "unsubscribe" },
		{ "\"text\":\"t\",\"headers\":{\"precedence\":\"Bulk\"}",
		    "unsubscribe" },
		{ "\"text\":\"t\",\"headers\":{\"Precedence\":\"junk\"}",
		    NULL },
		{ "\"text\":\"t\",\"headers\":{\"List-Id\":\"x\","
		  "\"List-Unsubscribe\":\"<mailto:a@b.c>\"}",
		    NULL },
		{ "\"text\":\"t\",\"headers\":{\"List-Id\":\"x\"},"
		  "\"unsubscribe\":{\"url\":\"https://a.b\"}",
		    NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_warning(false, rows[i].fields, rows[i].field);
		check_warning(true, rows[i].fields, rows[i].field);
	}
}

static void
test_long_warnings(void **state)
{
	struct buffer text = { 0 };

	(void)state;
	buffer_printf(&text,
	    "{\"to\":\"a@b.c\",\"subject\":\"%0201d\",\"text\":\"t\","
	    "\"html\":\"%0104449d\"}",
	    0, 0);
	assert_int_equal(read_text(text.data), 0);
	assert_int_equal(lint.warnings.count, 2);
	assert_string_equal(lint.warnings.summary.data,
	    "subject has more than 200 bytes: it is cut off; html has more "
	    "than 102 KiB: Gmail shows no more of it");
	buffer_free(&text);
}

static const struct {
	const char *text;
	size_t count;
	const char *first;
} bad[] = {
	{ "{\"strict\":1,\"unsubscribe\":\"https://a.b\",\"to\":\"a@b.c\"," REST,
	    2,
	    "strict must be a boolean, not a number; unsubscribe must be "
	    "an object, not a string" },
	{ "{\"unsubscribe\":{\"url\":\"http://a.b\"},\"to\":\"a@b.c\"," REST, 1,
	    "unsubscribe must be an https URL" },
	{ "{\"unsubscribe\":{\"url\":\"https://a\",\"x\":1},\"to\":\"a@b.c\"," REST,
	    1, "unsubscribe must be {" },
	{ "{\"unsubscribe\":{},\"to\":\"a@b.c\"," REST, 1, NULL },
	{ "{\"unsubscribe\":{\"url\":\"https://a\"},\"headers\":"
	  "{\"list-unsubscribe\":\"<https://b>\"},\"to\":\"a@b.c\"," REST,
	    1, "headers has list-unsubscribe, which unsubscribe makes" },
	{ "{\"cc\":\"x\",\"bcc\":7,\"reply_to\":[\"\"],\"to\":\"a@b.c\"," REST,
	    3, "cc has no @; bcc must be a string or a list of strings" },
	{ "{\"to\":\"a@b.c\",\"subject\":\"s\",\"text\":\"\"}", 1,
	    "text must not be empty" },
	{ "{\"html\":\"\",\"to\":\"a@b.c\"," REST, 1,
	    "html must not be empty" },
	{ "{\"attachments\":{},\"headers\":[],\"to\":\"a@b.c\"," REST, 2,
	    "attachments must be a list, not an object; headers must be an "
	    "object, not a list" },
	{ "{\"headers\":{\"From\":\"x\",\"X-A\":\"a\\nb\",\"x-b\":\"1\","
	  "\"X-B\":\"2\",\"X-C\":1},\"to\":\"a@b.c\"," REST,
	    4,
	    "headers.From is a header field that is not for you to set; "
	    "headers.X-A must not hold line breaks" },
	{ "{\"tags\":[{\"name\":\"a b\",\"value\":\"c\"},"
	  "{\"name\":\"a\"},{\"name\":\"a\",\"value\":1},1],"
	  "\"to\":\"a@b.c\"," REST,
	    4, "tags[0] must have letters, digits, underscores" },
	{ "{\"metadata\":{\"a\":[1],\"\":1,\"b\":null},"
	  "\"to\":\"a@b.c\"," REST,
	    3, "metadata.a must be a string, a number or a boolean" },
	{ "{\"attachment\":[],\"to\":\"a@b.c\"," REST, 1,
	    "attachment is not a field: did you mean attachments?" },
	{ "", 1, "The request is empty: a JSON object is needed" },
	{ " ", 1,
	    "The request is not valid JSON: an end where more is needed "
	    "at byte 1" },
	{ "[]", 1, "The request must be a JSON object, not a list" },
	{ "\"x\"", 1, "The request must be a JSON object, not a string" },
	{ "{\"to\":1,\"to\":2}", 1,
	    "The request is not valid JSON: a key that "
	    "occurs twice at byte 8" },
	{ "{}", 3, "to is required" },
	{ "{\"to\":\"a@b.c\"}", 2, "subject is required" },
	{ "{\"to\":\"a@b.c\",\"subject\":\"s\"}", 1, "body is required" },
	{ "{\"to\":null," REST, 1,
	    "to must be a string or a list of strings, "
	    "not null" },
	{ "{\"to\":{}," REST, 1,
	    "to must be a string or a list of strings, not "
	    "an object" },
	{ "{\"to\":\"\"," REST, 1, "to must not be empty" },
	{ "{\"to\":[]," REST, 1, "to must not be empty" },
	{ "{\"to\":[1,\"a@b.c\",[]]," REST, 2,
	    "to[0] must be a string, not a "
	    "number" },
	{ "{\"to\":[\"\"]," REST, 1, "to[0] must not be empty" },
	{ "{\"to\":[\"a@b.c\",\"ab.c\"]," REST, 1, "to[1] has no @" },
	{ "{\"to\":\"a@b.c, d@e.f\"," REST, 1,
	    "to holds more than one "
	    "address" },
	{ "{\"to\":\"a@b.c\\r\\nBcc: d@e.f\"," REST, 1, NULL },
	{ "{\"to\":\"a@b.c\",\"subject\":\"s\\r\\nBcc: x@y.z\",\"body\":\"b\"}",
	    1,
	    "subject must not hold line breaks, other control characters or "
	    "bidi controls" },
	{ "{\"to\":\"a@b.c\",\"subject\":\"s\\u202es\",\"body\":\"b\"}", 1,
	    "subject must not hold line breaks" },
	{ "{\"to\":\"a@b.c\",\"subject\":\"s\\u2028s\",\"body\":\"b\"}", 1,
	    "subject must not hold line breaks" },
	{ "{\"to\":\"N\\nM <a@b.c>\",\"from\":\"N\\u202e <a@b.c>\"," REST, 2,
	    "to must not hold line breaks, other control characters or bidi "
	    "controls; from must not hold line breaks" },
	{ "{\"to\":[\"a@b.c\",\"a\\u200b@b.c\",\"a@p\\u0430y.c\"]," REST, 2,
	    "to[1] has control, bidi or other invisible characters; to[2] has "
	    "a domain that mixes scripts within a label" },
	{ "{\"to\":\"a@b.c\",\"subject\":\"s\\n\",\"body\":\"b\"}", 1, NULL },
	{ "{\"to\":\"a@b.c\",\"subject\":\"\\u001b[2J\",\"body\":\"b\"}", 1,
	    NULL },
	{ "{\"to\":\"a@b.c\",\"subject\":\"\",\"body\":\"b\"}", 1,
	    "subject must not be empty" },
	{ "{\"to\":\"a@b.c\",\"subject\":7,\"body\":\"b\"}", 1,
	    "subject must be a string, not a number" },
	{ "{\"to\":\"a@b.c\",\"subject\":\"s\",\"body\":[\"b\"]}", 1,
	    "body must be a string, not a list" },
	{ "{\"to\":\"a@b.c\",\"subject\":\"s\",\"body\":true}", 1,
	    "body must be a string, not a boolean" },
	{ "{\"to\":\"a@b.c\",\"text\":\"t\"," REST, 1,
	    "body is another name of text: give one of the two" },
	{ "{\"to\":\"a@b.c\",\"from\":\"x\"," REST, 1, "from has no @" },
	{ "{\"to\":\"a@b.c\",\"from\":[\"x@y.z\"]," REST, 1,
	    "from must be a string, not a list" },
	{ "{\"to\":\"a@b.c\",\"subjcet\":\"s\",\"body\":\"b\"}", 2,
	    "subjcet is not a field: did you mean subject?" },
	{ "{\"to\":\"a@b.c\",\"zzzzzz\":1," REST, 1, "zzzzzz is not a field" },
	{ "{\"\":1,\"to\":\"a@b.c\"," REST, 1,
	    "The request has a field without a name" },
	{ "{\"To\":\"a@b.c\"," REST, 2, "To is not a field: did you mean to?" },
	{ "{\"to\":[7],\"subject\":\"\",\"bdy\":1,\"from\":2}", 5, NULL },
};

static void
test_bad(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		reset(state);
		if (read_text(bad[i].text) == 0)
			fail_msg("taken: %s", bad[i].text);
		if (faults.count != bad[i].count ||
		    (bad[i].first != NULL &&
			strncmp(faults.summary.data, bad[i].first,
			    strlen(bad[i].first)) != 0))
			fail_msg("%s: %zu faults, %s", bad[i].text,
			    faults.count, faults.summary.data);
	}
}

/* `n` recipients r0@x.y, r1@x.y, ... and the rest of a good body. */
static char *
body_with(int n)
{
	struct buffer text = { 0 };
	int i;

	buffer_add_text(&text, "{\"to\":[");
	for (i = 0; i < n; i++)
		buffer_printf(&text, "%s\"r%d@x.y\"", i > 0 ? "," : "", i);
	buffer_add_text(&text, "]," REST);
	return buffer_take(&text);
}

static void
test_recipients(void **state)
{
	char *text = body_with(JOB_RECIPIENTS_MAX);

	assert_int_equal(read_text(text), 0);
	assert_int_equal(job.recipients_len, JOB_RECIPIENTS_MAX);
	free(text);
	reset(state);
	text = body_with(JOB_RECIPIENTS_MAX + 1);
	assert_int_equal(read_text(text), -1);
	assert_string_equal(faults.summary.data,
	    "to has 51 items; 50 are allowed");
	assert_int_equal(faults.count, 1);
	free(text);
}

/* 50 in all, told once. */
static void
test_recipients_together(void **state)
{
	char *to = body_with(JOB_RECIPIENTS_MAX);
	struct buffer text = { 0 };

	(void)state;
	buffer_printf(&text, "{\"cc\":[\"r1@x.y\",\"a@b.c\",\"d@e.f\"],%s",
	    to + 1);
	assert_int_equal(read_text(text.data), -1);
	assert_string_equal(faults.summary.data,
	    "to[48] is one recipient more than the 50 of to, cc and bcc "
	    "together");
	assert_int_equal(faults.count, 1);
	buffer_free(&text);
	free(to);
}

/* Nobody gets his own megabytes back. */
static void
test_long_names_are_cut(void **state)
{
	struct buffer text = { 0 };

	(void)state;
	buffer_printf(&text, "{\"to\":\"a@b.c\",\"%0*d\":1," REST, 100000, 0);
	assert_int_equal(read_text(text.data), -1);
	assert_int_equal(faults.count, 1);
	assert_true(faults.details.len < 200);
	assert_true(faults.summary.len < 200);
	buffer_free(&text);
}

/* A good body but for its subject, of `len` bytes. */
static char *
body_with_subject(int len)
{
	struct buffer text = { 0 };

	buffer_printf(&text,
	    "{\"to\":\"a@b.c\",\"body\":\"b\",\"subject\":"
	    "\"%0*d\"}",
	    len, 0);
	return buffer_take(&text);
}

static void
test_long_subject(void **state)
{
	char *text = body_with_subject(JOB_SUBJECT_MAX);

	assert_int_equal(read_text(text), 0);
	assert_int_equal(strlen(job.subject), JOB_SUBJECT_MAX);
	free(text);
	reset(state);
	text = body_with_subject(JOB_SUBJECT_MAX + 1);
	assert_int_equal(read_text(text), -1);
	assert_string_equal(faults.summary.data,
	    "subject has 999 bytes; 998 are allowed");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_plain, reset),
		cmocka_unit_test_teardown(test_times, reset),
		cmocka_unit_test_teardown(test_rich, reset),
		cmocka_unit_test_teardown(test_normal_form, reset),
		cmocka_unit_test_teardown(test_extras, reset),
		cmocka_unit_test_teardown(test_warnings, reset),
		cmocka_unit_test_teardown(test_long_warnings, reset),
		cmocka_unit_test_teardown(test_bad, reset),
		cmocka_unit_test_teardown(test_recipients, reset),
		cmocka_unit_test_teardown(test_recipients_together, reset),
		cmocka_unit_test_teardown(test_long_names_are_cut, reset),
		cmocka_unit_test_teardown(test_long_subject, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
