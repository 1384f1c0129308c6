/* SPDX-License-Identifier: MIT */
/* What is read straight from the text is what job_decode reads; nothing else
 * is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "payload.h"

#define TO "\"to\":[\"a@b.c\"],"
#define REST "\"subject\":\"s\",\"body\":\"b\""

/* As job_decode reads the same text; false: not at all. */
static bool
decode(struct job *job, const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	json_object *object = json_tokener_parse_ex(tokener, text, (int)len);
	const char *why;
	bool fine;

	memset(job, 0, sizeof(*job));
	fine = json_tokener_get_error(tokener) == json_tokener_success &&
	    job_decode(job, object, &why) == 0;
	json_object_put(object);
	json_tokener_free(tokener);
	return fine;
}

/* They write the same text again: every member of a job is in it. */
static void
assert_same(const struct job *a, const struct job *b)
{
	struct buffer one = { 0 }, two = { 0 };

	job_encode(a, &one);
	job_encode(b, &two);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.data, two.data, one.len);
	buffer_free(&one);
	buffer_free(&two);
}

/* Whether it was read; if so, as job_decode does. */
static bool
is_read(const char *text, size_t len)
{
	struct job job = { 0 }, decoded;
	bool fine = payload_read(&job, text, len);

	if (!fine) {
		assert_null(job.recipients);
		assert_null(job.subject);
		return false;
	}
	assert_true(decode(&decoded, text, len));
	assert_same(&job, &decoded);
	job_clear(&job);
	job_clear(&decoded);
	return true;
}

/* A mail with all that has to be escaped. */
static void
encode_sample(struct buffer *out)
{
	struct job job = { .id = "j-1" };
	char body[300];
	int i;

	for (i = 0; i < 256; i++)
		body[i] = (char)(i % 127 + 1);
	body[256] = '\0';
	(void)job_add_recipient(&job, "a@b.c", 5);
	(void)job_add_recipient(&job, "x.y@d.example", 13);
	job.from.name = strdup("The \"Shop\" \\ Gr\xc3\xbc\xc3\x9f");
	job.from.address = strdup("shop@e.example");
	job.subject = strdup("Gr\xc3\xbc\xc3\x9f \"4711\" \\");
	job.body = strdup(body);
	job.body_len = strlen(body);
	job.created_at = 1751212337432;
	job_encode(&job, out);
	job_clear(&job);
}

static void
test_a_trace_travels(void **state)
{
	static const char trace[] =
	    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	struct buffer text = { 0 };
	struct job job = { .id = "7" }, read = { 0 }, decoded = { 0 };
	json_object *payload;
	const char *why;

	(void)state;
	assert_int_equal(job_add_recipient(&job, "a@example.com", 13), 0);
	job.body = strdup("b");
	job.body_len = 1;
	job.subject = strdup("s");
	traceparent_read(job.traceparent, trace);
	job.tracestate = strdup("a=\"1,b=2");
	job_encode(&job, &text);
	assert_true(payload_read(&read, text.data, text.len));
	assert_string_equal(read.traceparent, trace);
	assert_string_equal(read.tracestate, job.tracestate);
	payload = json_tokener_parse(text.data);
	assert_int_equal(job_decode(&decoded, payload, &why), 0);
	assert_string_equal(decoded.traceparent, trace);
	assert_string_equal(decoded.tracestate, job.tracestate);
	json_object_put(payload);
	job_clear(&job);
	job_clear(&read);
	job_clear(&decoded);
	buffer_free(&text);
}

static void
test_what_is_written_is_read(void **state)
{
	struct buffer text = { 0 };

	(void)state;
	encode_sample(&text);
	assert_true(is_read(text.data, text.len));
	buffer_free(&text);
}

/* Cut anywhere, or with any byte of it another one. */
static void
test_spoilt(void **state)
{
	static const char others[] = "\"\\{}[],:0 u\x01";
	struct buffer text = { 0 };
	size_t i, k;
	char was;

	(void)state;
	encode_sample(&text);
	for (i = 0; i < text.len; i++) {
		assert_false(is_read(text.data, i));
		was = text.data[i];
		for (k = 0; k < sizeof(others); k++) {
			text.data[i] = others[k];
			(void)is_read(text.data, text.len);
		}
		text.data[i] = was;
	}
	buffer_free(&text);
}

static void
test_other_forms(void **state)
{
	static const char *const texts[] = { "", "{}", "{\"job_id\":\"j\"}",
		"{ \"job_id\":\"j\"," TO REST "}",
		"{\"job_id\":\"j\",\"to\":\"a@b.c\"," REST "}",
		"{\"job_id\":\"j\",\"to\":[]," REST "}",
		"{\"job_id\":\"j\"," TO REST ",\"created_at\":1751212337}",
		"{\"job_id\":\"j\"," TO REST ",\"created_at\":\"17512123\"}",
		"{\"job_id\":\"j\"," TO REST ",\"text\":\"t\"}",
		"{\"job_id\":\"j\"," TO REST ",\"tags\":[],\"to\":\"x@y.z\"}",
		"{\"job_id\":\"j\"," TO REST ",\"tags\":[],\"html\":\"h\"}",
		"{\"job_id\":\"j\"," TO REST ",\"tags\":[]},\"results\":[]}",
		"{\"job_id\":\"j\"," TO REST ",\"tags\":[",
		"{\"job_id\":\"j\"," TO REST ",\"reply_to\":\"a@b.c\"}",
		"{\"job_id\":\"j\"," TO REST ",\"html\":null}",
		"{\"job_id\":\"j\"," TO "\"subject\":\"s\"}",
		"{\"job_id\":\"j\"," TO "\"cc\":[]," REST "}",
		"{\"job_id\":\"j\",\"from\":\"\"," TO REST "}",
		"{\"job_id\":\"j\"," TO
		"\"subject\":\"\\u00e9\",\"body\":\"\"}",
		"{\"job_id\":\"j\"," TO
		"\"subject\":\"\",\"body\":\"\\u0000\"}",
		"{\"job_id\":\"j\"," TO "\"subject\":\"\",\"body\":\"\\/\"}",
		"{\"job_id\":\"j\"," TO "\"subject\":\"\\n\",\"body\":\"\"}",
		"{\"job_id\":\"j j\"," TO REST "}",
		"{\"job_id\":\"j\",\"to\":[\"a@b.c\",\"ab.c\"]," REST "}" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(is_read(texts[i], strlen(texts[i])));
	assert_true(is_read("{\"job_id\":\"j\"," TO REST "}",
	    strlen("{\"job_id\":\"j\"," TO REST "}")));
}

/* All that a mail can have, with texts or files or without. */
static void
test_extras(void **state)
{
	static const char *const texts[] = { "{\"job_id\":\"j\"," TO
					     "\"cc\":[\"A <d@e.f>\",\"g@h.i\"],"
					     "\"bcc\":[\"k@l.m\"]," REST "}",
		"{\"job_id\":\"j\"," TO "\"bcc\":[\"k@l.m\"]," REST
		",\"html\":\"<p>\\n\\\"\"}",
		"{\"job_id\":\"j\"," TO "\"subject\":\"s\",\"created_at\":"
		"\"2025-06-29T15:52:17.432Z\",\"html\":\"<p>\"}",
		"{\"job_id\":\"j\"," TO REST ",\"html\":\"\",\"reply_to\":"
		"[\"\\\"R\\\" <r@s.t>\"],\"headers\":{\"X-A\":\"\\u00e9\"},"
		"\"unsubscribe\":\"https://a.b/\",\"list\":\"l\",\"tags\":[],"
		"\"metadata\":{\"k\":7},\"attachments\":[{\"size\":3}]}",
		"{\"job_id\":\"j\"," TO REST ",\"tags\":[]}" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_true(is_read(texts[i], strlen(texts[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_a_trace_travels),
		cmocka_unit_test(test_spoilt),
		cmocka_unit_test(test_other_forms),
		cmocka_unit_test(test_extras),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
