/* SPDX-License-Identifier: MIT */
/*
 * A job as a message. Header fields are header_field.c's, the body is that of
 * part.c or multipart.c; all write straight into the message, which for a small text
 * is many times quicker than a tree of GMime objects and its streams.
 */
#include "mime.h"

#include <string.h>

#include <gmime/gmime.h>

#include "header_field.h"
#include "id.h"
#include "multipart.h"
#include "part.h"
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

/* To or Cc; without one of his role nothing of it. */
static int
add_role(struct buffer *message, const struct job *job,
    enum recipient_role role, const char *name)
{
	const struct recipient *r;
	bool any = false;
	size_t i;

	for (i = 0; i < job->recipients_len; i++) {
		r = &job->recipients[i];
		if (r->role != role)
			continue;
		if (!any)
			header_begin_mailboxes(message, name);
		any = true;
		if (header_add_mailbox(message,
			&(struct mailbox){ r->name, r->address }) == -1)
			return -1;
	}
	if (any)
		header_end_mailboxes(message);
	return 0;
}

/* Those of bcc are nowhere (RFC 5322 3.6.3). */
static int
add_recipients(struct buffer *message, const struct job *job, const char **why)
{
	*why = "no recipient";
	if (job->recipients_len == 0)
		return -1;
	*why = "a recipient cannot stand in a message";
	if (add_role(message, job, RECIPIENT_TO, "To") == -1)
		return -1;
	return job->roles_differ ? add_role(message, job, RECIPIENT_CC, "Cc") :
				   0;
}

static int
add_reply_to(struct buffer *message, const struct extras *extras,
    const char **why)
{
	size_t i;

	if (extras->reply_to_len == 0)
		return 0;
	*why = "Reply-To cannot stand in a message";
	header_begin_mailboxes(message, "Reply-To");
	for (i = 0; i < extras->reply_to_len; i++)
		if (header_add_mailbox(message, &extras->reply_to[i]) == -1)
			return -1;
	header_end_mailboxes(message);
	return 0;
}

static int
add_extra_fields(struct buffer *message, const struct extras *extras,
    const char **why)
{
	size_t i;

	if (add_reply_to(message, extras, why) == -1)
		return -1;
	*why = "a custom header field holds a line break";
	for (i = 0; i < extras->headers_len; i++)
		if (header_add_text(message, extras->headers[i].name,
			extras->headers[i].value) == -1)
			return -1;
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
add_content(struct buffer *message, const struct job *job)
{
	buffer_add_text(message, "MIME-Version: 1.0\r\n");
	if (job->extras != NULL)
		multipart_add(message, job);
	else
		part_add_text(message, "text/plain",
		    job->body == NULL ? "" : job->body, job->body_len);
}

bool
mime_needs_smtputf8(const struct job *job, const struct mailbox *from)
{
	const struct extras *extras = job->extras;
	size_t i;

	if (job->from.address != NULL)
		from = &job->from;
	for (i = 0; i < job->recipients_len; i++)
		if (!address_is_ascii(job->recipients[i].address))
			return true;
	for (i = 0; extras != NULL && i < extras->reply_to_len; i++)
		if (!address_is_ascii(extras->reply_to[i].address))
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
	buffer_reserve(message,
	    1024 + (job->extras != NULL ? multipart_size(job) : 0));
	add_date(message, job);
	if (add_from(message, from, why) == -1 ||
	    add_recipients(message, job, why) == -1 ||
	    add_subject(message, job, why) == -1 ||
	    add_id(message, job, from, why) == -1 ||
	    (job->extras != NULL &&
		add_extra_fields(message, job->extras, why) == -1)) {
		message->len = start;
		message->data[start] = '\0';
		return -1;
	}
	add_content(message, job);
	return 0;
}
