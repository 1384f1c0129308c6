/* SPDX-License-Identifier: MIT */
/*
 * A job as a message. Header fields are header_field.c's, the body is that of
 * part.c or multipart.c; all write straight into the message, which for a small text
 * is many times quicker than a tree of GMime objects and its streams.
 */
#include "mime.h"

#include <string.h>
#include <strings.h>

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

/* RFC 8058 3.1; both are covered by DKIM. */
static int
add_unsubscribe(struct buffer *message, const char *url)
{
	struct buffer value = { 0 };
	int result;

	buffer_printf(&value, "<%s>", url);
	result = header_add_text(message, "List-Unsubscribe", value.data);
	buffer_add_text(message,
	    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
	buffer_free(&value);
	return result;
}

static bool
has_header(const struct extras *extras, const char *name)
{
	size_t i;

	for (i = 0; extras != NULL && i < extras->headers_len; i++)
		if (strcasecmp(extras->headers[i].name, name) == 0)
			return true;
	return false;
}

static int
add_extra_fields(struct buffer *message, const struct extras *extras,
    const char **why)
{
	size_t i;

	if (add_reply_to(message, extras, why) == -1)
		return -1;
	*why = "the unsubscribe URL holds a line break";
	if (extras->unsubscribe != NULL &&
	    add_unsubscribe(message, extras->unsubscribe) == -1)
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
add_content(struct composed *message, const struct job *job)
{
	buffer_add_text(&message->text, "MIME-Version: 1.0\r\n");
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
    struct composed *message, const char **why)
{
	struct buffer *header = &message->text;
	const size_t start = header->len;

	if (job->from.address != NULL)
		from = &job->from;
	buffer_reserve(header,
	    1024 + (job->extras != NULL ? multipart_size(job) : 0));
	add_date(header, job);
	if (add_from(header, from, why) == -1 ||
	    add_recipients(header, job, why) == -1 ||
	    add_subject(header, job, why) == -1 ||
	    add_id(header, job, from, why) == -1 ||
	    (job->extras != NULL &&
		add_extra_fields(header, job->extras, why) == -1)) {
		composed_cut(message, start);
		return -1;
	}
	/* RFC 3834 5: nobody's holiday notice answers it. */
	if (!has_header(job->extras, "Auto-Submitted"))
		buffer_add_text(header, "Auto-Submitted: auto-generated\r\n");
	add_content(message, job);
	return 0;
}
