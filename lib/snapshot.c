/* SPDX-License-Identifier: MIT */
/* Reads jobs as the scripts show them (lib/lua/parts/view.lua). */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "id.h"
#include "job.h"
#include "utf8.h"

/* As Redis has them; the history is no field there. */
static const char *const names[SNAPSHOT__MAX] = {
	[SNAPSHOT_ID] = "id",
	[SNAPSHOT_SEQ] = "seq",
	[SNAPSHOT_STATUS] = "status",
	[SNAPSHOT_REASON] = "reason",
	[SNAPSHOT_FROM] = "from",
	[SNAPSHOT_TO] = "to",
	[SNAPSHOT_SUBJECT] = "subject",
	[SNAPSHOT_ATTEMPT] = "attempt",
	[SNAPSHOT_RETRY_COUNT] = "retry_count",
	[SNAPSHOT_UNKNOWN_COUNT] = "unknown_count",
	[SNAPSHOT_LAST_CODE] = "last_code",
	[SNAPSHOT_LAST_ERROR] = "last_error",
	[SNAPSHOT_NEXT_AT] = "next_at",
	[SNAPSHOT_CREATED_AT] = "created_at",
	[SNAPSHOT_UPDATED_AT] = "updated_at",
	[SNAPSHOT_RECIPIENTS] = "recipients",
	[SNAPSHOT_HISTORY] = "",
	[SNAPSHOT_CC] = "cc",
	[SNAPSHOT_BCC] = "bcc",
	[SNAPSHOT_REPLY_TO] = "reply_to",
	[SNAPSHOT_TAGS] = "tags",
	[SNAPSHOT_METADATA] = "metadata",
	[SNAPSHOT_SCHEDULED_AT] = "scheduled_at",
	[SNAPSHOT_EXPIRES_AT] = "expires_at",
	[SNAPSHOT_GIVE_UP_AT] = "give_up_at",
	[SNAPSHOT_PRIORITY] = "priority",
	[SNAPSHOT_LIST] = "list",
};

static void
own(struct snapshot *snapshot, enum snapshot_field field, struct buffer *text)
{
	snapshot->field[field].len = text->len;
	snapshot->field[field].data = snapshot->owned[field] =
	    buffer_take(text);
}

static void
set_text(struct snapshot *snapshot, enum snapshot_field field,
    const redisReply *value)
{
	const size_t len = (size_t)value->len;
	struct buffer text = { 0 };

	if (len == 0)
		return;
	if (utf8_is_valid(value->str, len) && strlen(value->str) == len) {
		snapshot->field[field].data = value->str;
		snapshot->field[field].len = len;
		return;
	}
	buffer_add_utf8(&text, value->str, len);
	own(snapshot, field, &text);
}

static void
set_field(struct snapshot *snapshot, const char *name, const redisReply *value)
{
	int i;

	for (i = 0; i < SNAPSHOT__MAX; i++)
		if (strcmp(names[i], name) == 0)
			set_text(snapshot, (enum snapshot_field)i, value);
}

static void
set_history(struct snapshot *snapshot, const redisReply *entries)
{
	struct buffer list = { 0 };
	size_t i;

	buffer_add_text(&list, "[");
	for (i = 0; i < entries->elements; i++) {
		if (entries->element[i]->type != REDIS_REPLY_STRING)
			continue;
		if (list.len > 1)
			buffer_add_text(&list, ",");
		buffer_add_utf8(&list, entries->element[i]->str,
		    (size_t)entries->element[i]->len);
	}
	buffer_add_text(&list, "]");
	own(snapshot, SNAPSHOT_HISTORY, &list);
}

int
snapshot_read(struct snapshot *snapshot, const redisReply *shown)
{
	const struct snapshot_text *id = &snapshot->field[SNAPSHOT_ID];
	const redisReply *fields;
	size_t i;

	memset(snapshot, 0, sizeof(*snapshot));
	if (shown->type != REDIS_REPLY_ARRAY || shown->elements != 2 ||
	    shown->element[0]->type != REDIS_REPLY_ARRAY ||
	    shown->element[1]->type != REDIS_REPLY_ARRAY)
		return -1;
	fields = shown->element[0];
	for (i = 0; i + 1 < fields->elements; i += 2)
		if (fields->element[i]->type == REDIS_REPLY_STRING &&
		    fields->element[i + 1]->type == REDIS_REPLY_STRING)
			set_field(snapshot, fields->element[i]->str,
			    fields->element[i + 1]);
	set_history(snapshot, shown->element[1]);
	return id->data != NULL && id_is_valid(id->data, id->len) ? 0 : -1;
}

void
snapshot_free(struct snapshot *snapshot)
{
	int i;

	for (i = 0; i < SNAPSHOT__MAX; i++)
		free(snapshot->owned[i]);
	memset(snapshot, 0, sizeof(*snapshot));
}

void
snapshot_keep(struct snapshot *snapshot)
{
	struct buffer copy = { 0 };
	int i;

	for (i = 0; i < SNAPSHOT__MAX; i++) {
		if (snapshot->field[i].data == NULL ||
		    snapshot->owned[i] != NULL)
			continue;
		buffer_add(&copy, snapshot->field[i].data,
		    snapshot->field[i].len);
		own(snapshot, (enum snapshot_field)i, &copy);
	}
}

int64_t
snapshot_number(const struct snapshot *snapshot, enum snapshot_field field)
{
	const char *text = snapshot->field[field].data;

	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

bool
snapshot_is_over(const struct snapshot *snapshot)
{
	const struct snapshot_text *status = &snapshot->field[SNAPSHOT_STATUS];

	if (status->data == NULL)
		return false;
	switch (job_status_find(status->data, status->len)) {
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
