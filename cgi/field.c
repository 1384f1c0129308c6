/* SPDX-License-Identifier: MIT */
/* The table of fields, and finding one in it. */
#include "field.h"

#include <string.h>

#include "job.h"
#include "list_name.h"
#include "nearest.h"

const char *const field_type_names[FIELD_TYPE__MAX] = {
	[FIELD_MAILBOX] = "mailbox",
	[FIELD_LINE] = "line of text",
	[FIELD_TEXT] = "text",
	[FIELD_FILES] = "list of objects",
	[FIELD_CUSTOM_HEADERS] = "object of lines of text",
	[FIELD_LABELS] = "list of `{\"name\", \"value\"}`",
	[FIELD_LINK] = "`{\"url\"}`",
	[FIELD_SWITCH] = "boolean",
	[FIELD_TIME] = "time",
	[FIELD_LANE] = "`high`, `normal` or `bulk`",
	[FIELD_LIST_NAME] = "name",
	[FIELD_PAIRS] = "object of strings, numbers, booleans",
};

#define ADDRESSED (FIELD_IN_ENVELOPE | FIELD_IN_HEADER)

const struct field fields[] = {
	{ "to", FIELD_TO, FIELD_MAILBOX, ADDRESSED, true, JOB_RECIPIENTS_MAX, 0,
	    "the same address twice counts once" },
	{ "subject", FIELD_SUBJECT, FIELD_LINE, FIELD_IN_HEADER, true, 0,
	    JOB_SUBJECT_MAX, "" },
	{ "body", FIELD_BODY, FIELD_TEXT, FIELD_IN_CONTENT, true, 0, 0,
	    "sent as text/plain; not needed with `html`" },
	{ "text", FIELD_BODY, FIELD_TEXT, FIELD_IN_CONTENT, true, 0, 0, "" },
	{ "from", FIELD_FROM, FIELD_MAILBOX, ADDRESSED, false, 0, 0,
	    "SMTP_FROM when missing" },
	{ "cc", FIELD_CC, FIELD_MAILBOX, ADDRESSED, false, JOB_RECIPIENTS_MAX,
	    0, "counts with `to` and `bcc`: 50 in all" },
	{ "bcc", FIELD_BCC, FIELD_MAILBOX, FIELD_IN_ENVELOPE, false,
	    JOB_RECIPIENTS_MAX, 0, "no other recipient sees it" },
	{ "reply_to", FIELD_REPLY_TO, FIELD_MAILBOX, FIELD_IN_HEADER, false,
	    EXTRAS_REPLY_TO_MAX, 0, "" },
	{ "html", FIELD_HTML, FIELD_TEXT, FIELD_IN_CONTENT, false, 0, 0,
	    "sent as text/html, behind the text when there is one" },
	{ "attachments", FIELD_ATTACHMENTS, FIELD_FILES,
	    FIELD_IN_HEADER | FIELD_IN_CONTENT, false, 0, 0,
	    "see Attachments" },
	{ "headers", FIELD_HEADERS, FIELD_CUSTOM_HEADERS, FIELD_IN_HEADER,
	    false, 0, 0, "see Headers" },
	{ "tags", FIELD_TAGS, FIELD_LABELS, FIELD_IN_RECORD, false, 0, 0,
	    "see Tags" },
	{ "metadata", FIELD_METADATA, FIELD_PAIRS, FIELD_IN_RECORD, false, 0, 0,
	    "see Tags" },
	{ "unsubscribe", FIELD_UNSUBSCRIBE, FIELD_LINK, FIELD_IN_HEADER, false,
	    0, 0, "see Bulk mail" },
	{ "strict", FIELD_STRICT, FIELD_SWITCH, FIELD_IN_ANSWER, false, 0, 0,
	    "see Warnings" },
	{ "scheduled_at", FIELD_SCHEDULED_AT, FIELD_TIME, FIELD_IN_RECORD,
	    false, 0, 0, "when it is sent" },
	{ "expires_at", FIELD_EXPIRES_AT, FIELD_TIME, FIELD_IN_RECORD, false, 0,
	    0, "after that it is not sent" },
	{ "priority", FIELD_PRIORITY, FIELD_LANE, FIELD_IN_QUEUE, false, 0, 0,
	    "see Lanes" },
	{ "list", FIELD_LIST, FIELD_LIST_NAME, FIELD_IN_RECORD, false, 0,
	    LIST_NAME_MAX, "see Suppressions" },
	{ "topic_id", FIELD_LIST, FIELD_LIST_NAME, FIELD_IN_RECORD, false, 0,
	    LIST_NAME_MAX, "" },
};
#define FIELDS_LEN (sizeof(fields) / sizeof(fields[0]))
const size_t fields_len = FIELDS_LEN;

const struct field *
field_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < FIELDS_LEN; i++)
		if (strlen(fields[i].name) == len &&
		    memcmp(fields[i].name, name, len) == 0)
			return &fields[i];
	return NULL;
}

bool
field_is_unset(const struct field *field, const struct json_value *value)
{
	const bool text = field->slot == FIELD_BODY;

	if (field->required && !text)
		return false;
	return value->kind == JSON_NULL ||
	    (text && value->kind == JSON_STRING && value->len == 2) ||
	    (field->items_max > 0 && value->kind == JSON_LIST &&
		json_value_count(value) == 0);
}

const char *
field_nearest(const char *name, size_t len)
{
	const char *names[FIELDS_LEN];
	size_t i;

	for (i = 0; i < FIELDS_LEN; i++)
		names[i] = fields[i].name;
	return nearest_name(name, len, names, FIELDS_LEN);
}

const char *
field_proper_name(const struct field *field)
{
	size_t i = 0;

	while (fields[i].slot != field->slot)
		i++;
	return fields[i].name;
}
