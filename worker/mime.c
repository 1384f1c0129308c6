/* SPDX-License-Identifier: MIT */
/*
 * A job as a message. Header fields are header_field.c's, the body is
 * text_body.c's; both write straight into the message, which for a small text
 * is many times quicker than a tree of GMime objects and its streams.
 */
#include "mime.h"

#include <string.h>

#include <gmime/gmime.h>

#include "header_field.h"
#include "id.h"
#include "text_body.h"
#include "timestamp.h"

void
mime_init(void)
{
	g_mime_init();
}

void
mime_shutdown(void)
{
	g_mime_shutdown();
}

static void
add_date(struct buffer *message, const struct job *job)
{
	char text[TIMESTAMP_MAIL_SIZE];

	timestamp_format_mail(text, job->created_at);
	buffer_add_text(message, "Date: ");
	buffer_add_text(message, text);
	buffer_add_text(message, "\r\n");
}

static int
add_from(struct buffer *message, const struct mailbox *from, const char **why)
{
	header_begin_mailboxes(message, "From");
	if (header_add_mailbox(message, from) == -1) {
		*why = "From cannot stand in a message";
		return -1;
	}
	header_end_mailboxes(message);
	return 0;
}

static int
add_to(struct buffer *message, const struct job *job, const char **why)
{
	struct mailbox to = { NULL, NULL };
	size_t i;

	*why = "no recipient";
	if (job->recipients_len == 0)
		return -1;
	*why = "a recipient cannot stand in a message";
	header_begin_mailboxes(message, "To");
	for (i = 0; i < job->recipients_len; i++) {
		to.address = job->recipients[i].address;
		if (header_add_mailbox(message, &to) == -1)
			return -1;
	}
	header_end_mailboxes(message);
	return 0;
}

static int
add_subject(struct buffer *message, const struct job *job, const char **why)
{
	if (job->subject == NULL || job->subject[0] == '\0')
		return 0;
	*why = "the subject holds a line break";
	return header_add_text(message, "Subject", job->subject);
}

static int
add_id(struct buffer *message, const struct job *job,
    const struct mailbox *from, const char **why)
{
	*why = "the job's id cannot stand in a Message-ID";
	if (!id_is_valid(job->id, strlen(job->id)))
		return -1;
	buffer_add_text(message, "Message-ID: <");
	buffer_add_text(message, job->id);
	buffer_add_text(message, "@");
	buffer_add_text(message, address_domain(from->address));
	buffer_add_text(message, ">\r\n");
	return 0;
}

static void
add_text(struct buffer *message, const struct job *job)
{
	const char *text = job->body == NULL ? "" : job->body;
	const size_t len = job->body == NULL ? 0 : job->body_len;
	const enum text_encoding encoding = text_body_choose(text, len);

	buffer_add_text(message,
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: ");
	buffer_add_text(message, text_encoding_names[encoding]);
	buffer_add_text(message, "\r\n\r\n");
	text_body_add(message, text, len, encoding);
}

bool
mime_needs_smtputf8(const struct job *job, const struct mailbox *from)
{
	size_t i;

	if (job->from.address != NULL)
		from = &job->from;
	for (i = 0; i < job->recipients_len; i++)
		if (!address_is_ascii(job->recipients[i].address))
			return true;
	return !address_is_ascii(from->address);
}

int
mime_build(const struct job *job, const struct mailbox *from,
    struct buffer *message, const char **why)
{
	const size_t start = message->len;

	if (job->from.address != NULL)
		from = &job->from;
	buffer_reserve(message, 1024);
	add_date(message, job);
	if (add_from(message, from, why) == -1 ||
	    add_to(message, job, why) == -1 ||
	    add_subject(message, job, why) == -1 ||
	    add_id(message, job, from, why) == -1) {
		message->len = start;
		message->data[start] = '\0';
		return -1;
	}
	add_text(message, job);
	return 0;
}
