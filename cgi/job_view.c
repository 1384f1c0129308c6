/* SPDX-License-Identifier: MIT */
/* One table says which fields there are, and in which shape. */
#include "job_view.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "timestamp.h"

enum view {
	VIEW_TEXT, /* a string, "" when absent */
	VIEW_TEXT_OR_NULL,
	VIEW_NUMBER, /* 0 when absent */
	VIEW_NUMBER_OR_NULL,
	VIEW_TIME, /* RFC 3339 of ms */
	VIEW_WAITING_TIME, /* the same; null when nothing is to come */
	VIEW_LIST, /* JSON as it is; [] when absent */
	VIEW_LIST_IF_ANY /* the same; left out when absent */
};

static const struct {
	const char *name, *field;
	enum view view;
} rows[] = {
	{ "id", "id", VIEW_TEXT },
	{ "job_id", "id", VIEW_TEXT },
	{ "status", "status", VIEW_TEXT },
	{ "reason", "reason", VIEW_TEXT_OR_NULL },
	{ "from", "from", VIEW_TEXT_OR_NULL },
	{ "to", "to", VIEW_LIST },
	{ "subject", "subject", VIEW_TEXT },
	{ "created_at", "created_at", VIEW_TIME },
	{ "updated_at", "updated_at", VIEW_TIME },
	{ "attempts", "attempt", VIEW_NUMBER },
	{ "retry_count", "retry_count", VIEW_NUMBER },
	{ "last_error", "last_error", VIEW_TEXT_OR_NULL },
	{ "last_code", "last_code", VIEW_NUMBER_OR_NULL },
	{ "next_at", "next_at", VIEW_WAITING_TIME },
	{ "recipients", "recipients", VIEW_LIST_IF_ANY },
};

static bool
is_shown(const redisReply *shown)
{
	return shown->type == REDIS_REPLY_ARRAY && shown->elements == 2 &&
	    shown->element[0]->type == REDIS_REPLY_ARRAY &&
	    shown->element[1]->type == REDIS_REPLY_ARRAY;
}

/* The field's value, or NULL when it is absent or empty. */
static const redisReply *
field_of(const redisReply *shown, const char *name)
{
	const redisReply *fields = shown->element[0];
	size_t i;

	for (i = 0; i + 1 < fields->elements; i += 2)
		if (fields->element[i]->type == REDIS_REPLY_STRING &&
		    strcmp(fields->element[i]->str, name) == 0)
			break;
	if (i + 1 >= fields->elements ||
	    fields->element[i + 1]->type != REDIS_REPLY_STRING ||
	    fields->element[i + 1]->len == 0)
		return NULL;
	return fields->element[i + 1];
}

static int64_t
number_of(const redisReply *value)
{
	return value != NULL ? strtoll(value->str, NULL, 10) : 0;
}

static bool
is_over(const redisReply *shown)
{
	const redisReply *status = field_of(shown, "status");

	if (status == NULL)
		return false;
	switch (job_status_find(status->str, (size_t)status->len)) {
	case JOB_COMPLETED:
	case JOB_FAILED:
	case JOB_CANCELLED:
	case JOB_UNKNOWN:
		return true;
	case JOB_QUEUED:
	case JOB_SCHEDULED:
	case JOB_PROCESSING:
	case JOB_RETRYING:
	case JOB_STATUS__MAX:
		break;
	}
	return false;
}

static void
write_text(struct buffer *out, const redisReply *value, const char *absent)
{
	if (value == NULL)
		buffer_add_text(out, absent);
	else
		buffer_add_json(out, value->str, (size_t)value->len);
}

static void
write_raw(struct buffer *out, const redisReply *value, const char *absent)
{
	if (value == NULL)
		buffer_add_text(out, absent);
	else
		buffer_add(out, value->str, (size_t)value->len);
}

static void
write_time(struct buffer *out, const redisReply *value)
{
	char text[TIMESTAMP_SIZE];

	if (value == NULL) {
		buffer_add_text(out, "null");
		return;
	}
	timestamp_format(text, number_of(value));
	buffer_add_json_text(out, text);
}

static void
write_value(struct buffer *out, enum view view, const redisReply *value)
{
	switch (view) {
	case VIEW_TEXT:
		write_text(out, value, "\"\"");
		break;
	case VIEW_TEXT_OR_NULL:
		write_text(out, value, "null");
		break;
	case VIEW_NUMBER:
		buffer_add_number(out, number_of(value));
		break;
	case VIEW_NUMBER_OR_NULL:
		if (number_of(value) == 0)
			buffer_add_text(out, "null");
		else
			buffer_add_number(out, number_of(value));
		break;
	case VIEW_TIME:
	case VIEW_WAITING_TIME:
		write_time(out, value);
		break;
	case VIEW_LIST:
	case VIEW_LIST_IF_ANY:
		write_raw(out, value, "[]");
		break;
	}
}

static void
write_history(struct buffer *out, const redisReply *entries)
{
	size_t i;

	buffer_add_text(out, "\"history\":[");
	for (i = 0; i < entries->elements; i++) {
		if (entries->element[i]->type != REDIS_REPLY_STRING)
			continue;
		if (i > 0)
			buffer_add_text(out, ",");
		write_raw(out, entries->element[i], "");
	}
	buffer_add_text(out, "]");
}

int
job_view_write(struct buffer *out, const redisReply *shown)
{
	const redisReply *value;
	size_t i;

	if (!is_shown(shown))
		return -1;
	buffer_add_text(out, "{\"object\":\"email\",");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		value = field_of(shown, rows[i].field);
		if (rows[i].view == VIEW_WAITING_TIME && is_over(shown))
			value = NULL;
		if (rows[i].view == VIEW_LIST_IF_ANY && value == NULL)
			continue;
		buffer_printf(out, "\"%s\":", rows[i].name);
		write_value(out, rows[i].view, value);
		buffer_add_text(out, ",");
	}
	write_history(out, shown->element[1]);
	buffer_add_text(out, "}");
	return 0;
}

int
job_view_cursor(struct cursor *cursor, const redisReply *shown)
{
	const redisReply *id = is_shown(shown) ? field_of(shown, "id") : NULL;

	if (id == NULL || !id_is_valid(id->str, (size_t)id->len))
		return -1;
	memcpy(cursor->id, id->str, (size_t)id->len + 1);
	cursor->created_at = number_of(field_of(shown, "created_at"));
	return 0;
}
