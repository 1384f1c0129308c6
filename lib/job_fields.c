/* SPDX-License-Identifier: MIT */
/* cc, bcc, reply_to, list, tags, metadata. */
#include "job_fields.h"

static void
add_mailboxes(struct store_call *call, const char *name,
    const struct buffer *list)
{
	if (list->len == 0)
		return;
	store_call_text(call, name);
	store_call_bytes(call, list->data, list->len);
}

void
job_fields_add(struct job_fields *fields, const struct job *job,
    struct store_call *call)
{
	const struct extras *extras = job->extras;

	if (job->roles_differ) {
		job_encode_role(job, RECIPIENT_CC, &fields->cc);
		job_encode_role(job, RECIPIENT_BCC, &fields->bcc);
		add_mailboxes(call, "cc", &fields->cc);
		add_mailboxes(call, "bcc", &fields->bcc);
	}
	if (extras == NULL)
		return;
	extras_encode_reply_to(extras, &fields->reply_to);
	add_mailboxes(call, "reply_to", &fields->reply_to);
	store_call_field(call, "list", extras->list);
	store_call_field(call, "tags", extras->tags);
	store_call_field(call, "metadata", extras->metadata);
}

void
job_fields_free(struct job_fields *fields)
{
	buffer_free(&fields->cc);
	buffer_free(&fields->bcc);
	buffer_free(&fields->reply_to);
}
