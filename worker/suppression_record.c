/* SPDX-License-Identifier: MIT */
/* A row each time that an address went on the list for a reason. */
#include "suppression_record.h"

#include <json-c/json.h>
#include <string.h>

#include "timestamp.h"

static const char upsert[] =
    "INSERT INTO suppression (address, list, reason, created_at, created_by, "
    "occurred_at, reply, job_id, expires_at, removed_at, removed_by) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
    "ON CONFLICT (address, list, reason, created_at) DO UPDATE SET "
    "expires_at = excluded.expires_at, removed_at = excluded.removed_at, "
    "removed_by = excluded.removed_by";

/* In the order of the statement. */
static const struct {
	const char *name;
	bool is_time;
} columns[] = { { "address", false }, { "list", false }, { "reason", false },
	{ "created_at", true }, { "created_by", false },
	{ "occurred_at", true }, { "reply", false }, { "job_id", false },
	{ "expires_at", true }, { "removed_at", true },
	{ "removed_by", false } };

/* What is null there is "", or 0. */
static int
write_one(struct record *record, json_object *change)
{
	struct record_call call;
	const char *text;
	json_object *value;
	int64_t ms;
	size_t i;

	record_call_begin(&call, upsert);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		text = "";
		if (json_object_object_get_ex(change, columns[i].name,
			&value) &&
		    value != NULL)
			text = json_object_get_string(value);
		ms = 0;
		if (!columns[i].is_time)
			record_call_text(&call, text, strlen(text));
		else if (*text == '\0' ||
		    timestamp_parse(text, strlen(text), &ms) == 0)
			record_call_number(&call, ms);
		else
			return 0; /* never seen: suppression.lua makes them */
	}
	return record_run(record, &call);
}

int
suppression_record_write(struct record *record, const redisReply *changes)
{
	json_object *change;
	size_t i;
	int result = record_begin(record);

	for (i = 0; i < changes->elements && result == 0; i++) {
		change = json_tokener_parse(changes->element[i]->str);
		if (json_object_is_type(change, json_type_object))
			result = write_one(record, change);
		json_object_put(change);
	}
	return result == 0 ? record_commit(record) : result;
}
