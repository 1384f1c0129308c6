/* SPDX-License-Identifier: MIT */
/* One table says which fields there are, and in which shape. */
#include "job_view.h"

#include <stdbool.h>
#include <string.h>

#include "job.h"
#include "timestamp.h"

enum view {
	VIEW_TEXT, /* a string, "" when absent */
	VIEW_TEXT_OR_NULL,
	VIEW_NUMBER, /* 0 when absent */
	VIEW_NUMBER_OR_NULL,
	VIEW_TIME, /* RFC 3339 of ms */
	VIEW_TIME_IF_ANY, /* left out when it is 0 */
	VIEW_TEXT_IF_ANY, /* left out when absent */
	VIEW_WAITING_TIME, /* the same; null when nothing is to come */
	VIEW_JSON, /* as it is; [] when absent */
	VIEW_JSON_OR_NULL,
	VIEW_JSON_IF_ANY, /* left out when absent */
	/* As Resend's SDKs have it. */
	VIEW_LAST_EVENT,
	VIEW_MESSAGE_ID, /* of who it is from; null when that is SMTP_FROM */
	VIEW_SCHEDULE, /* the time, while it is scheduled; or null */
	VIEW_NOTHING /* null */
};

static const struct {
	const char *name;
	enum snapshot_field field;
	enum view view;
} rows[] = {
	{ "id", SNAPSHOT_ID, VIEW_TEXT },
	{ "job_id", SNAPSHOT_ID, VIEW_TEXT },
	{ "status", SNAPSHOT_STATUS, VIEW_TEXT },
	{ "reason", SNAPSHOT_REASON, VIEW_TEXT_OR_NULL },
	{ "from", SNAPSHOT_FROM, VIEW_TEXT_OR_NULL },
	{ "to", SNAPSHOT_TO, VIEW_JSON },
	{ "cc", SNAPSHOT_CC, VIEW_JSON_OR_NULL },
	{ "bcc", SNAPSHOT_BCC, VIEW_JSON_OR_NULL },
	{ "reply_to", SNAPSHOT_REPLY_TO, VIEW_JSON_OR_NULL },
	{ "subject", SNAPSHOT_SUBJECT, VIEW_TEXT },
	{ "html", SNAPSHOT_ID, VIEW_NOTHING },
	{ "text", SNAPSHOT_ID, VIEW_NOTHING },
	{ "message_id", SNAPSHOT_FROM, VIEW_MESSAGE_ID },
	{ "last_event", SNAPSHOT_STATUS, VIEW_LAST_EVENT },
	{ "scheduled_at", SNAPSHOT_NEXT_AT, VIEW_SCHEDULE },
	{ "created_at", SNAPSHOT_CREATED_AT, VIEW_TIME },
	{ "updated_at", SNAPSHOT_UPDATED_AT, VIEW_TIME },
	{ "attempts", SNAPSHOT_ATTEMPT, VIEW_NUMBER },
	{ "retry_count", SNAPSHOT_RETRY_COUNT, VIEW_NUMBER },
	{ "last_error", SNAPSHOT_LAST_ERROR, VIEW_TEXT_OR_NULL },
	{ "last_code", SNAPSHOT_LAST_CODE, VIEW_NUMBER_OR_NULL },
	{ "next_at", SNAPSHOT_NEXT_AT, VIEW_WAITING_TIME },
	{ "expires_at", SNAPSHOT_EXPIRES_AT, VIEW_TIME_IF_ANY },
	{ "priority", SNAPSHOT_PRIORITY, VIEW_TEXT_IF_ANY },
	{ "tags", SNAPSHOT_TAGS, VIEW_JSON_IF_ANY },
	{ "metadata", SNAPSHOT_METADATA, VIEW_JSON_IF_ANY },
	{ "list", SNAPSHOT_LIST, VIEW_TEXT_IF_ANY },
	{ "recipients", SNAPSHOT_RECIPIENTS, VIEW_JSON_IF_ANY },
	{ "history", SNAPSHOT_HISTORY, VIEW_JSON },
};

static void
write_text(struct buffer *out, const struct snapshot_text *value,
    const char *absent)
{
	if (value->data == NULL)
		buffer_add_text(out, absent);
	else
		buffer_add_json(out, value->data, value->len);
}

static void
write_raw(struct buffer *out, const struct snapshot_text *value,
    const char *absent)
{
	if (value->data == NULL)
		buffer_add_text(out, absent);
	else
		buffer_add(out, value->data, value->len);
}

static void
write_time(struct buffer *out, const struct snapshot_text *value, int64_t ms)
{
	char text[TIMESTAMP_SIZE];

	if (value->data == NULL) {
		buffer_add_text(out, "null");
		return;
	}
	timestamp_format(text, ms);
	buffer_add_json_text(out, text);
}

static void
write_number_or_null(struct buffer *out, int64_t number)
{
	if (number == 0)
		buffer_add_text(out, "null");
	else
		buffer_add_number(out, number);
}

/* Resend's words; by reason where there is a row for it. */
static const struct {
	enum job_status status;
	const char *reason; /* NULL: any */
	const char *event;
} events[] = {
	{ JOB_QUEUED, NULL, "queued" },
	{ JOB_SCHEDULED, NULL, "scheduled" },
	{ JOB_PROCESSING, NULL, "queued" },
	{ JOB_RETRYING, NULL, "delivery_delayed" },
	{ JOB_COMPLETED, NULL, "sent" }, /* what comes after, others know */
	{ JOB_FAILED, "rejected", "bounced" },
	{ JOB_FAILED, "suppressed", "suppressed" },
	{ JOB_FAILED, NULL, "failed" },
	{ JOB_CANCELLED, NULL, "canceled" },
	/* No end: a person decides. Neither failed, which asks to send it
	 * again, nor sent. */
	{ JOB_UNKNOWN, NULL, "delivery_delayed" },
};

static enum job_status
status_of(const struct snapshot *snapshot)
{
	const struct snapshot_text *name = &snapshot->field[SNAPSHOT_STATUS];

	return name->data == NULL ? JOB_STATUS__MAX :
				    job_status_find(name->data, name->len);
}

static void
write_last_event(struct buffer *out, const struct snapshot *snapshot)
{
	const char *reason = snapshot->field[SNAPSHOT_REASON].data;
	const enum job_status status = status_of(snapshot);
	const char *event = NULL;
	size_t i;

	for (i = 0; event == NULL && i < sizeof(events) / sizeof(events[0]);
	     i++)
		if (events[i].status == status &&
		    (events[i].reason == NULL ||
			(reason != NULL &&
			    strcmp(events[i].reason, reason) == 0)))
			event = events[i].event;
	buffer_add_json_text(out, event);
}

/* The id and the sender's domain, as the worker writes the header. */
static void
write_message_id(struct buffer *out, const struct snapshot *snapshot)
{
	const struct snapshot_text *from = &snapshot->field[SNAPSHOT_FROM];
	struct buffer text = { 0 };
	struct mailbox box;

	if (from->data == NULL ||
	    mailbox_parse(&box, from->data, from->len) != ADDRESS_OK) {
		buffer_add_text(out, "null");
		return;
	}
	buffer_printf(&text, "<%s@%s>", snapshot->field[SNAPSHOT_ID].data,
	    address_domain(box.address));
	buffer_add_json(out, text.data, text.len);
	buffer_free(&text);
	mailbox_free(&box);
}

static void
write_value(struct buffer *out, enum view view, const struct snapshot *snapshot,
    enum snapshot_field field)
{
	const struct snapshot_text none = { NULL, 0 };
	const struct snapshot_text *value = &snapshot->field[field];
	const int64_t number = snapshot_number(snapshot, field);

	switch (view) {
	case VIEW_TEXT:
	case VIEW_TEXT_IF_ANY:
		write_text(out, value, "\"\"");
		break;
	case VIEW_TEXT_OR_NULL:
		write_text(out, value, "null");
		break;
	case VIEW_NUMBER:
		buffer_add_number(out, number);
		break;
	case VIEW_NUMBER_OR_NULL:
		write_number_or_null(out, number);
		break;
	case VIEW_WAITING_TIME:
		if (snapshot_is_over(snapshot))
			value = &none;
		write_time(out, value, number);
		break;
	case VIEW_SCHEDULE:
		if (status_of(snapshot) != JOB_SCHEDULED)
			value = &none;
		write_time(out, value, number);
		break;
	case VIEW_TIME:
	case VIEW_TIME_IF_ANY:
		write_time(out, value, number);
		break;
	case VIEW_LAST_EVENT:
		write_last_event(out, snapshot);
		break;
	case VIEW_MESSAGE_ID:
		write_message_id(out, snapshot);
		break;
	case VIEW_NOTHING:
		buffer_add_text(out, "null");
		break;
	case VIEW_JSON:
	case VIEW_JSON_IF_ANY:
		write_raw(out, value, "[]");
		break;
	case VIEW_JSON_OR_NULL:
		write_raw(out, value, "null");
		break;
	}
}

static bool
is_left_out(const struct snapshot *snapshot, size_t row)
{
	const enum snapshot_field field = rows[row].field;

	switch (rows[row].view) {
	case VIEW_TIME_IF_ANY:
		return snapshot_number(snapshot, field) == 0;
	case VIEW_TEXT_IF_ANY:
	case VIEW_JSON_IF_ANY:
		return snapshot->field[field].data == NULL;
	case VIEW_TEXT:
	case VIEW_TEXT_OR_NULL:
	case VIEW_NUMBER:
	case VIEW_NUMBER_OR_NULL:
	case VIEW_TIME:
	case VIEW_WAITING_TIME:
	case VIEW_JSON:
	case VIEW_JSON_OR_NULL:
	case VIEW_LAST_EVENT:
	case VIEW_MESSAGE_ID:
	case VIEW_SCHEDULE:
	case VIEW_NOTHING:
		break;
	}
	return false;
}

void
job_view_write(struct buffer *out, const struct snapshot *snapshot)
{
	size_t i;

	buffer_add_text(out, "{\"object\":\"email\"");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (is_left_out(snapshot, i))
			continue;
		buffer_printf(out, ",\"%s\":", rows[i].name);
		write_value(out, rows[i].view, snapshot, rows[i].field);
	}
	buffer_add_text(out, "}");
}

void
job_view_cursor(struct cursor *cursor, const struct snapshot *snapshot)
{
	const struct snapshot_text *id = &snapshot->field[SNAPSHOT_ID];

	memcpy(cursor->id, id->data, id->len + 1);
	cursor->created_at = snapshot_number(snapshot, SNAPSHOT_CREATED_AT);
}
