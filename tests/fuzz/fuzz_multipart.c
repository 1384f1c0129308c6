/* SPDX-License-Identifier: MIT */
/*
 * fuzz.multipart: GMime finds each file of a message, byte by byte and by its
 * name, behind the words; every line is one that SMTP takes.
 * Input: text, HTML, then of each file its name, type, id and bytes, separated.
 * What the API would refuse is left out.
 */
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

#include "../flatten.h"
#include "fuzz.h"
#include "input.h"
#include "mime.h"

#define FILES_MOST 5
#define LINE_MAX_EVER 998 /* bytes: RFC 5322 2.1.1 */

static char sender_address[] = "sender@example.com";
static const struct mailbox sender = { NULL, sender_address };

/* -- a job of the input ---------------------------------------------------- */

/* A field of the input as a text; NULL: it is empty, or refused. */
static char *
take_text(struct input *input, const char *(*fault)(const char *, size_t))
{
	struct buffer text = { 0 };

	input_text(input, &text);
	if (text.len == 0 ||
	    (fault != NULL && fault(text.data, text.len) != NULL)) {
		buffer_free(&text);
		return NULL;
	}
	return buffer_take(&text);
}

static void
add_file(struct extras *extras, struct input *input)
{
	struct buffer *bytes = &extras->file_bytes;
	const size_t before = bytes->len;
	struct attachment file = { NULL, NULL, NULL, 0 };

	file.filename = take_text(input, attachment_filename_fault);
	file.content_type = take_text(input, attachment_type_fault);
	file.content_id = take_text(input, attachment_id_fault);
	input_field(input, bytes);
	file.size = bytes->len - before;
	extras_add_attachment(extras, &file);
}

static void
make_job(struct job *job, struct input *input)
{
	struct extras *extras = extras_new();

	memset(job, 0, sizeof(*job));
	memcpy(job->id, "0197-x", sizeof("0197-x"));
	(void)job_add_recipient(job, "b@example.com", 13); /* the first */
	job->extras = extras;
	job->body = take_text(input, NULL);
	job->body_len = job->body != NULL ? strlen(job->body) : 0;
	extras->html = take_text(input, NULL);
	extras->html_len = extras->html != NULL ? strlen(extras->html) : 0;
	while (input->left > 0 && extras->attachments_len < FILES_MOST)
		add_file(extras, input);
	extras->files = extras->file_bytes.data;
	extras->files_len = extras->file_bytes.len;
}

/* -- what GMime reads ------------------------------------------------------ */

struct leaves {
	const struct job *job;
	bool found[FILES_MOST];
	size_t words;
};

static GByteArray *
content_of(GMimePart *part, GMimeStream *stream)
{
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part),
	    stream);
	return g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
}

/* As it stands there: GMime stops at a second @. */
static bool
has_id(GMimePart *part, const char *id)
{
	const char *value =
	    g_mime_object_get_header(GMIME_OBJECT(part), "Content-ID");
	const size_t len = id != NULL ? strlen(id) : 0;

	if (id == NULL || value == NULL)
		return id == NULL && value == NULL;
	return strlen(value) == len + 2 && value[0] == '<' &&
	    strncmp(value + 1, id, len) == 0;
}

static bool
is_file(GMimePart *part, const struct attachment *file,
    const GByteArray *content, const char *bytes)
{
	return content->len == file->size &&
	    (file->size == 0 ||
		memcmp(content->data, bytes, file->size) == 0) &&
	    has_id(part, file->content_id) &&
	    (file->filename == NULL ||
		strcmp(g_mime_part_get_filename(part), file->filename) == 0);
}

/* Each is one of the job's files that was not found before, or the words. */
static void
take_leaf(GMimeObject *parent, GMimeObject *object, gpointer arg)
{
	struct leaves *leaves = arg;
	const struct extras *extras = leaves->job->extras;
	GMimeStream *stream;
	GByteArray *content;
	size_t i, at = 0;

	(void)parent;
	if (!GMIME_IS_PART(object))
		return;
	if (g_mime_object_get_disposition(object) == NULL) {
		leaves->words++;
		return;
	}
	stream = g_mime_stream_mem_new();
	content = content_of(GMIME_PART(object), stream);
	for (i = 0; i < extras->attachments_len; i++) {
		if (!leaves->found[i] &&
		    is_file(GMIME_PART(object), &extras->attachments[i],
			content, extras->files + at))
			break;
		at += extras->attachments[i].size;
	}
	g_object_unref(stream);
	CHECK(i < extras->attachments_len);
	leaves->found[i] = true;
}

static void
check_leaves(const struct job *job, const struct buffer *message)
{
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer(message->data, message->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *parsed = g_mime_parser_construct_message(parser, NULL);
	struct leaves leaves = { .job = job };
	size_t i;

	CHECK(parsed != NULL);
	g_mime_message_foreach(parsed, take_leaf, &leaves);
	for (i = 0; i < job->extras->attachments_len; i++)
		CHECK(leaves.found[i]);
	CHECK(leaves.words ==
	    1 + (size_t)(job->body != NULL && job->extras->html != NULL));
	g_object_unref(parsed);
	g_object_unref(parser);
	g_object_unref(stream);
}

static void
check_lines(const struct buffer *message)
{
	const char *at = message->data, *end;

	for (; *at != '\0'; at = end + 2) {
		end = strstr(at, "\r\n");
		CHECK(end != NULL && end - at <= LINE_MAX_EVER);
		CHECK(memchr(at, '\n', (size_t)(end - at)) == NULL);
	}
	CHECK(at == message->data + message->len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct composed composed = { 0 };
	struct buffer message = { 0 };
	const char *why;
	struct job job;

	mime_init();
	make_job(&job, &input);
	CHECK(mime_build(&job, &sender, &composed, &why) == 0);
	flatten(&composed, &message);
	CHECK(message.len == composed_len(&composed));
	check_lines(&message);
	check_leaves(&job, &message);
	composed_free(&composed);
	buffer_free(&message);
	job_clear(&job);
	return 0;
}
