/* SPDX-License-Identifier: MIT */
/*
 * fuzz.mime: GMime finds in a message what the job says, all of it and no more;
 * every line is one that SMTP takes; stuffed, it comes out as it was.
 * oracle_mime.py asks Python's email the same about the dumps.
 * Input: From, To (lines), subject, separated; the rest is the body.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

#include "../flatten.h"
#include "fuzz.h"
#include "gmime_mailbox.h"
#include "input.h"
#include "mime.h"
#include "stuffing.h"

#define LINE_MAX_EVER 998 /* bytes: RFC 5322 2.1.1 */
#define CREATED_AT INT64_C(1751212337432)

static char sender_address[] = "sender@example.com";
static const struct mailbox sender = { NULL, sender_address };

/* -- a job of the input ---------------------------------------------------- */

static void
add_recipients(struct job *job, const struct buffer *lines)
{
	const char *at = lines->data, *end;
	struct mailbox box;

	for (; *at != '\0'; at = *end == '\0' ? end : end + 1) {
		end = at + strcspn(at, "\n");
		if (mailbox_parse(&box, at, (size_t)(end - at)) != ADDRESS_OK)
			continue;
		(void)job_add_recipient(job, box.address, /* full: enough */
		    strlen(box.address));
		mailbox_free(&box);
	}
	if (job->recipients_len == 0)
		(void)job_add_recipient(job, "b@example.com", 13);
}

static void
make_job(struct job *job, struct input *input)
{
	struct buffer from = { 0 }, to = { 0 }, subject = { 0 }, body = { 0 };

	memset(job, 0, sizeof(*job));
	memcpy(job->id, "0197-x", sizeof("0197-x"));
	job->created_at = CREATED_AT;
	input_text(input, &from);
	(void)mailbox_parse(&job->from, from.data, from.len); /* or none */
	input_text(input, &to);
	add_recipients(job, &to);
	input_text(input, &subject);
	job->subject = buffer_take(&subject);
	input_rest(input, &body);
	job->body_len = body.len;
	job->body = buffer_take(&body);
	buffer_free(&from);
	buffer_free(&to);
}

/* -- bytes ----------------------------------------------------------------- */

static void
check_lines(const struct buffer *message)
{
	size_t i, column = 0;

	for (i = 0; i < message->len; i++) {
		if (message->data[i] == '\r') {
			CHECK(message->data[i + 1] == '\n');
			column = 0;
			i++;
			continue;
		}
		CHECK(message->data[i] != '\n' && message->data[i] != '\0');
		CHECK(++column <= LINE_MAX_EVER);
	}
	CHECK(column == 0);
}

static void
check_stuffing(const struct composed *composed, const struct buffer *message)
{
	struct stuffing stuffing;
	char piece[4096];
	bool line_start = true;
	size_t i, n, at = 0;

	stuffing_begin(&stuffing, composed);
	while ((n = stuffing_fill(&stuffing, piece, sizeof(piece))) > 0)
		for (i = 0; i < n; i++) {
			if (line_start && piece[i] == '.') {
				line_start = false;
				continue;
			}
			CHECK(at < message->len);
			CHECK(piece[i] == message->data[at]);
			at++;
			line_start = piece[i] == '\n';
		}
	CHECK(stuffing_is_done(&stuffing) && at == message->len);
}

/* -- what GMime reads ------------------------------------------------------ */

static void
check_headers(GMimeMessage *parsed, bool subject)
{
	static const char *const names[] = { "Date", "From", "To", "Subject",
		"Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
		"Content-Transfer-Encoding" };
	GMimeHeaderList *list =
	    g_mime_object_get_header_list(GMIME_OBJECT(parsed));
	GMimeHeaderList *part =
	    g_mime_object_get_header_list(g_mime_message_get_mime_part(parsed));
	const int of_part = g_mime_header_list_get_count(part);
	int i, at = 0;

	CHECK(of_part == 2);
	for (i = 0; i < 7; i++) {
		if (i == 3 && !subject)
			continue;
		CHECK(strcmp(g_mime_header_get_name(
				 g_mime_header_list_get_header_at(list, at++)),
			  names[i]) == 0);
	}
	CHECK(g_mime_header_list_get_count(list) == at);
	for (i = 0; i < of_part; i++)
		CHECK(strcmp(g_mime_header_get_name(
				 g_mime_header_list_get_header_at(part, i)),
			  names[7 + i]) == 0);
}

static void
check_addresses(GMimeMessage *parsed, const struct job *job)
{
	InternetAddressList *list = g_mime_message_get_from(parsed);
	const struct mailbox *from =
	    job->from.address != NULL ? &job->from : &sender;
	size_t i;

	CHECK(internet_address_list_length(list) == 1);
	check_mailbox(internet_address_list_get_address(list, 0), from->name,
	    from->address);
	list = g_mime_message_get_to(parsed);
	CHECK(
	    (size_t)internet_address_list_length(list) == job->recipients_len);
	for (i = 0; i < job->recipients_len; i++)
		check_mailbox(internet_address_list_get_address(list, (int)i),
		    NULL, job->recipients[i].address);
}

/* Each line's end as CR LF, the last one's too. */
static void
make_canonical(struct buffer *out, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
			buffer_add(out, "\r", 1);
		buffer_add(out, &text[i], 1);
	}
	if (len > 0 && text[len - 1] != '\n')
		buffer_add(out, "\r\n", 2);
}

static void
check_body(GMimeMessage *parsed, const struct buffer *expected)
{
	GMimeObject *part = g_mime_message_get_mime_part(parsed);
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *bytes;

	CHECK(GMIME_IS_PART(part));
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(
						GMIME_PART(part)),
	    stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	CHECK(bytes->len == expected->len);
	CHECK(expected->len == 0 ||
	    memcmp(bytes->data, expected->data, expected->len) == 0);
	g_object_unref(stream);
}

/* Blanks at a line's end do not survive it: RFC 2045 6.7 (3). */
static void
check_quoted(GMimeMessage *parsed, const struct buffer *message)
{
	GMimePart *part = GMIME_PART(g_mime_message_get_mime_part(parsed));
	const char *body = strstr(message->data, "\r\n\r\n");

	if (g_mime_part_get_content_encoding(part) !=
	    GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
		return;
	CHECK(strstr(body, " \r\n") == NULL);
	CHECK(strstr(body, "\t\r\n") == NULL);
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
	CHECK(parsed != NULL);
	return parsed;
}

/* -- all of it ------------------------------------------------------------- */

static void
dump(const struct dump *dump, struct job *job, const struct buffer *message,
    const struct buffer *body)
{
	struct buffer fields = { 0 };
	const size_t body_len = job->body_len;

	if (job->from.address == NULL)
		job->from.address = strdup(sender.address);
	job->body_len = 0; /* it may hold anything */
	job_encode(job, &fields);
	job->body_len = body_len;
	dump_write(dump, ".fields", fields.data, fields.len);
	dump_write(dump, ".body", body->data, body->len);
	dump_write(dump, ".eml", message->data, message->len);
	buffer_free(&fields);
}

static void
check_message(struct job *job, const struct buffer *message,
    const struct dump *to)
{
	GMimeMessage *parsed = parse(message);
	const bool subject = job->subject[0] != '\0';
	struct buffer body = { 0 };

	check_lines(message);
	check_headers(parsed, subject);
	check_addresses(parsed, job);
	if (subject)
		CHECK(strcmp(g_mime_message_get_subject(parsed),
			  job->subject) == 0);
	CHECK(g_mime_message_get_date(parsed) != NULL);
	make_canonical(&body, job->body, job->body_len);
	check_body(parsed, &body);
	check_quoted(parsed, message);
	g_object_unref(parsed);
	dump(to, job, message, &body);
	buffer_free(&body);
}

/* In one piece. 0, or -1 and nothing is left. */
static int
build(const struct job *job, struct buffer *message)
{
	struct composed composed = { 0 };
	const char *why = NULL;
	const int result = mime_build(job, &sender, &composed, &why);

	if (result == 0) {
		flatten(&composed, message);
		check_stuffing(&composed, message);
	} else {
		CHECK(why != NULL && composed_len(&composed) == 0);
	}
	composed_free(&composed);
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dump to = { data, size };
	struct input input = { data, size };
	struct buffer message = { 0 }, again = { 0 };
	struct job job;
	int result;

	mime_init();
	make_job(&job, &input);
	result = build(&job, &message);
	CHECK((result == -1) == (strpbrk(job.subject, "\r\n") != NULL));
	if (result == 0) {
		CHECK(build(&job, &again) == 0);
		CHECK(message.len == again.len);
		CHECK(memcmp(message.data, again.data, message.len) == 0);
		check_message(&job, &message, &to);
	}
	job_clear(&job);
	buffer_free(&message);
	buffer_free(&again);
	return 0;
}
