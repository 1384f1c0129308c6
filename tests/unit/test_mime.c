/* SPDX-License-Identifier: MIT */
/*
 * unit.mime: GMime's parser finds in the message what the job says; the same
 * job gives the same bytes; lines are canonical whatever the text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gmime/gmime.h>

#include "mime.h"

#define PARTY "\xf0\x9f\x8e\x89"
#define CREATED_AT INT64_C(1751212337432) /* Sun, 29 Jun 2025 15:52:17 */

static char box_name[] = "Ann Lee";
static char box_address[] = "ann@example.com";
static const struct mailbox sender = { box_name, box_address };

static void
make_job(struct job *job, const char *subject, const char *body, size_t len)
{
	memset(job, 0, sizeof(*job));
	memcpy(job->id, "0197-x", sizeof("0197-x"));
	assert_int_equal(job_add_recipient(job, "b@example.com", 13), 0);
	job->subject = strdup(subject);
	job->body = malloc(len + 1);
	memcpy(job->body, body, len);
	job->body[len] = '\0';
	job->body_len = len;
	job->created_at = CREATED_AT;
}

static void
check_canonical(const struct buffer *message)
{
	size_t i, column = 0;

	for (i = 0; i < message->len; i++) {
		if (message->data[i] == '\r') {
			assert_int_equal(message->data[i + 1], '\n');
			column = 0;
			i++;
			continue;
		}
		assert_int_not_equal(message->data[i], '\n');
		assert_in_range(++column, 0, 998);
	}
	assert_int_equal(column, 0);
}

static GMimeMessage *
parse(const struct buffer *message)
{
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer(message->data, message->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *parsed = g_mime_parser_construct_message(parser, NULL);

	g_object_unref(parser);
	g_object_unref(stream);
	assert_non_null(parsed);
	return parsed;
}

/* The decoded text; CR LF is LF again. */
static void
read_text(struct buffer *text, GMimeMessage *message)
{
	GMimePart *part = GMIME_PART(g_mime_message_get_mime_part(message));
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *bytes;
	size_t i;

	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part),
	    stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	for (i = 0; i < bytes->len; i++)
		if (bytes->data[i] != '\r' || i + 1 == bytes->len ||
		    bytes->data[i + 1] != '\n')
			buffer_add(text, bytes->data + i, 1);
	g_object_unref(stream);
}

static void
check_body(const char *body, size_t len)
{
	struct composed message = { 0 }, again = { 0 };
	struct buffer text = { 0 };
	GMimeMessage *parsed;
	const char *why;
	struct job job;

	make_job(&job, "s", body, len);
	assert_int_equal(mime_build(&job, &sender, &message, &why), 0);
	assert_int_equal(mime_build(&job, &sender, &again, &why), 0);
	assert_int_equal(message.text.len, again.text.len);
	assert_memory_equal(message.text.data, again.text.data,
	    message.text.len);
	check_canonical(&message.text);
	parsed = parse(&message.text);
	read_text(&text, parsed);
	g_object_unref(parsed);
	if (len > 0 && body[len - 1] != '\n')
		len++; /* the newline that every text ends with */
	assert_int_equal(text.len, len);
	if (text.len > 1)
		assert_memory_equal(text.data, job.body, len - 1);
	job_clear(&job);
	composed_free(&message);
	composed_free(&again);
	buffer_free(&text);
}

static void
test_fields(void **state)
{
	struct composed message = { 0 };
	const char *why;
	struct job job;

	(void)state;
	make_job(&job, "Hello", "Hi.\nBye.", 8);
	assert_int_equal(job_add_recipient(&job, "c@example.com", 13), 0);
	assert_int_equal(mime_build(&job, &sender, &message, &why), 0);
	assert_string_equal(message.text.data,
	    "Date: Sun, 29 Jun 2025 15:52:17 +0000\r\n"
	    "From: Ann Lee <ann@example.com>\r\n"
	    "To: b@example.com, c@example.com\r\n"
	    "Subject: Hello\r\n"
	    "Message-ID: <0197-x@example.com>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n"
	    "\r\n"
	    "Hi.\r\nBye.\r\n");
	job_clear(&job);
	composed_free(&message);
}

static void
test_from_of_the_job(void **state)
{
	struct composed message = { 0 };
	const char *why;
	struct job job;

	(void)state;
	make_job(&job, "s", "b", 1);
	job.from.address = strdup("z@other.example");
	assert_int_equal(mime_build(&job, &sender, &message, &why), 0);
	assert_non_null(
	    strstr(message.text.data, "\r\nFrom: z@other.example\r\n"));
	assert_non_null(strstr(message.text.data, "<0197-x@other.example>"));
	job_clear(&job);
	composed_free(&message);
}

/* RFC 6532: such an address stands in the header as it is. */
static void
test_addresses_that_are_not_ascii(void **state)
{
	static const char umlaut[] = "j\xc3\xbcrgen@b.c";
	struct composed message = { 0 };
	const char *why;
	struct job job;

	(void)state;
	make_job(&job, "s", "b", 1);
	assert_false(mime_needs_smtputf8(&job, &sender));
	job.from.address = strdup(umlaut);
	assert_true(mime_needs_smtputf8(&job, &sender));
	assert_int_equal(mime_build(&job, &sender, &message, &why), 0);
	assert_non_null(
	    strstr(message.text.data, "\r\nFrom: j\xc3\xbcrgen@b.c\r\n"));
	free(job.from.address);
	job.from.address = NULL;
	assert_int_equal(job_add_recipient(&job, umlaut, strlen(umlaut)), 0);
	/* Also when it was settled before: the header has it still. */
	job.recipients[1].state = RECIPIENT_TAKEN;
	assert_true(mime_needs_smtputf8(&job, &sender));
	job_clear(&job);
	composed_free(&message);
}

static void
test_subjects(void **state)
{
	static const char plain[] = "a plain subject that is long enough to be "
				    "folded, since it is longer than one line "
				    "may be";
	static const char party[] =
	    PARTY " party " PARTY " and a subject that "
		  "is long enough to need " PARTY " several lines \xe4\xb8\x96";
	static const char *const subjects[] = { "plain", plain, party };
	struct composed message = { 0 };
	GMimeMessage *parsed;
	const char *why;
	struct job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(subjects) / sizeof(*subjects); i++) {
		composed_free(&message);
		make_job(&job, subjects[i], "b", 1);
		assert_int_equal(mime_build(&job, &sender, &message, &why), 0);
		check_canonical(&message.text);
		parsed = parse(&message.text);
		assert_string_equal(g_mime_message_get_subject(parsed),
		    subjects[i]);
		assert_string_equal(g_mime_message_get_message_id(parsed),
		    "0197-x@example.com");
		g_object_unref(parsed);
		job_clear(&job);
	}
	composed_free(&message);
}

static void
test_bodies(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} bodies[] = {
#define TEXT(text) { text, sizeof(text) - 1 }
		TEXT(""),
		TEXT("x"),
		TEXT("x\n"),
		TEXT("\n"),
		TEXT("\n.\n"),
		TEXT(".\n.\n.\n"),
		TEXT("one\rtwo\r\rthree\rand no newline"),
		TEXT("a NUL \0 in it"),
		TEXT("caf\xc3\xa9\n"),
		TEXT("\xe4\xb8\x96\xe7\x95\x8c\n"),
		TEXT("From x\n"),
		TEXT("no end "),
		TEXT("=20=\n=\n"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		check_body(bodies[i].text, bodies[i].len);
}

static void
test_sizes(void **state)
{
	static const char *const lines[] = { ".\n..\nabc\n",
		"line with a lone \r in it\n", "\xc3\xa9", "x" };
	static const size_t sizes[] = { 16384, 65536 };
	struct buffer text = { 0 };
	size_t i, n, len;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		buffer_clear(&text);
		while (text.len < 70000)
			buffer_add_text(&text, lines[i]);
		for (n = 0; n < 2; n++)
			for (len = sizes[n] - 8; len < sizes[n] + 8; len++)
				check_body(text.data, len);
	}
	buffer_free(&text);
}

static void
test_refusals(void **state)
{
	struct composed message = { 0 };
	const char *why = NULL;
	struct job job;

	(void)state;
	buffer_add_text(&message.text, "kept");
	make_job(&job, "a\r\nBcc: x@y.z", "b", 1);
	assert_int_equal(mime_build(&job, &sender, &message, &why), -1);
	assert_string_equal(why, "the subject holds a line break");
	assert_string_equal(message.text.data, "kept");
	assert_int_equal(message.text.len, 4);
	job_clear(&job);

	make_job(&job, "s", "b", 1);
	memcpy(job.id, "a b", 4);
	assert_int_equal(mime_build(&job, &sender, &message, &why), -1);
	memcpy(job.id, "ab", 3);
	job.from.name = strdup("a\nb");
	job.from.address = strdup("a@b.c");
	assert_int_equal(mime_build(&job, &sender, &message, &why), -1);
	job_clear(&job);
	memcpy(job.id, "ab", 3);
	assert_int_equal(mime_build(&job, &sender, &message, &why), -1);
	assert_string_equal(why, "no recipient");
	assert_string_equal(message.text.data, "kept");
	composed_free(&message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_from_of_the_job),
		cmocka_unit_test(test_addresses_that_are_not_ascii),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_refusals),
	};
	int failed;

	mime_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	mime_shutdown();
	return failed;
}
