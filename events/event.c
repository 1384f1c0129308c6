/* SPDX-License-Identifier: MIT */
#include "event.h"

#include <stdlib.h>
#include <string.h>

#include "timestamp.h"

/* As lib/lua/parts/history.lua keeps them. */
#define HISTORY_FIRST 5
#define HISTORY_LAST 45

enum field { /* what is asked for, before the history */
	FIELD_TO,
	FIELD_SUBJECT,
	FIELD_RETRY_COUNT,
	FIELD_SEQ,
	FIELD_CREATED_AT,
	FIELD__MAX
};

static const char *const field_names[FIELD__MAX] = {
	[FIELD_TO] = "to",
	[FIELD_SUBJECT] = "subject",
	[FIELD_RETRY_COUNT] = "retry_count",
	[FIELD_SEQ] = "seq",
	[FIELD_CREATED_AT] = "created_at",
};

/* -- the stream's entry ---------------------------------------------------- */

static bool
is_text(const redisReply *reply)
{
	return reply != NULL && reply->type == REDIS_REPLY_STRING;
}

static bool
is_list(const redisReply *reply, size_t least)
{
	return reply != NULL && reply->type == REDIS_REPLY_ARRAY &&
	    reply->elements >= least;
}

int
event_position(const redisReply *entry, struct position *at)
{
	if (!is_list(entry, 2) || !is_text(entry->element[0]))
		return -1;
	return position_parse(at, entry->element[0]->str,
	    entry->element[0]->len);
}

/* The JSON of the field `event`, or NULL. */
static json_object *
parse_entry(const redisReply *fields)
{
	size_t i;

	if (!is_list(fields, 2))
		return NULL;
	for (i = 0; i + 1 < fields->elements; i += 2)
		if (is_text(fields->element[i]) &&
		    is_text(fields->element[i + 1]) &&
		    strcmp(fields->element[i]->str, "event") == 0)
			return json_tokener_parse(fields->element[i + 1]->str);
	return NULL;
}

static const char *
text_of(json_object *json, const char *name)
{
	json_object *value;

	if (!json_object_object_get_ex(json, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static int
read_entry(struct event *event)
{
	const char *id = text_of(event->entry, "job_id"),
		   *status = text_of(event->entry, "status");
	json_object *seq;

	if (id == NULL || !id_is_valid(id, strlen(id)) || status == NULL ||
	    text_of(event->entry, "timestamp") == NULL ||
	    !json_object_object_get_ex(event->entry, "seq", &seq))
		return -1;
	memcpy(event->job_id, id, strlen(id) + 1);
	event->status = job_status_find(status, strlen(status));
	event->seq = json_object_get_int64(seq);
	return event->status < JOB_STATUS__MAX && event->seq > 0 ? 0 : -1;
}

struct event *
event_new(const redisReply *entry)
{
	struct event *event = calloc(1, sizeof(*event));

	if (event == NULL)
		abort();
	if (event_position(entry, &event->at) == 0)
		event->entry = parse_entry(entry->element[1]);
	if (event->entry != NULL && read_entry(event) == 0)
		return event;
	event_free(event);
	return NULL;
}

void
event_free(struct event *event)
{
	size_t i;

	if (event == NULL)
		return;
	for (i = 0; i < FORM__MAX; i++)
		chunk_drop(event->forms[i]);
	buffer_free(&event->data);
	json_object_put(event->entry);
	free(event);
}

/* -- the job ---------------------------------------------------------------- */

void
event_add_command(const struct event *event, struct buffer *command)
{
	int64_t n;
	size_t i;

	buffer_printf(command, "HMGET job:%s", event->job_id);
	for (i = 0; i < FIELD__MAX; i++)
		buffer_printf(command, " %s", field_names[i]);
	for (n = 1; n <= event->seq; n++) {
		if (n > HISTORY_FIRST && n <= event->seq - HISTORY_LAST)
			n = event->seq - HISTORY_LAST + 1;
		buffer_printf(command, " h%lld", (long long)n);
	}
}

/* The value of a field, or NULL. */
static const char *
value_of(const redisReply *job, enum field field)
{
	if (!is_list(job, FIELD__MAX) || !is_text(job->element[field]))
		return NULL;
	return job->element[field]->str;
}

static bool
tells_failure(const char *entry)
{
	/* In a string a quote has a backslash before it. */
	return strstr(entry, ",\"error\":") != NULL;
}

/*
 * Appends the history up to the event: what the job still has of it, and the
 * event's own entry in any case. Returns how many of them are failures.
 */
static int64_t
add_history(struct buffer *data, struct event *event, const redisReply *job)
{
	const size_t count = is_list(job, FIELD__MAX) ? job->elements : 0;
	const char *own, *separator = "";
	int64_t failures = 0;
	size_t i;

	buffer_add_text(data, ",\"history\":[");
	for (i = FIELD__MAX; i + 1 < count; i++) {
		if (!is_text(job->element[i]))
			continue;
		buffer_add_text(data, separator);
		buffer_add(data, job->element[i]->str, job->element[i]->len);
		failures += tells_failure(job->element[i]->str);
		separator = ",";
	}
	json_object_object_del(event->entry, "job_id");
	json_object_object_del(event->entry, "last_error");
	own = json_object_to_json_string_ext(event->entry,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	buffer_add_text(data, separator);
	buffer_add_text(data, own);
	buffer_add_text(data, "]");
	return failures + tells_failure(own);
}

/*
 * The job's own count, or, if it has moved on, the failures that its history
 * told by then.
 */
static void
add_retry_count(struct buffer *data, const struct event *event,
    const redisReply *job, int64_t failures)
{
	const char *count = value_of(job, FIELD_RETRY_COUNT),
		   *seq = value_of(job, FIELD_SEQ);
	const int64_t now = count != NULL ? strtoll(count, NULL, 10) : 0;
	const bool is_now = seq != NULL && strtoll(seq, NULL, 10) == event->seq;

	if (is_now || (seq != NULL && now < failures))
		failures = now;
	buffer_add_text(data, ",\"retry_count\":");
	buffer_add_number(data, failures);
}

static void
add_time(struct buffer *data, const char *ms)
{
	char text[TIMESTAMP_SIZE];

	buffer_add_text(data, ",\"created_at\":");
	if (ms != NULL)
		timestamp_format(text, strtoll(ms, NULL, 10));
	buffer_add_json_text(data, ms != NULL ? text : NULL);
}

void
event_complete(struct event *event, const redisReply *job)
{
	struct buffer *data = &event->data;
	char at[POSITION_SIZE];
	const char *to = value_of(job, FIELD_TO),
		   *time = text_of(event->entry, "timestamp");
	int64_t failures;

	position_format(at, event->at);
	buffer_printf(data,
	    "{\"event_id\":\"%s\",\"job_id\":\"%s\",\"status\":\"%s\","
	    "\"seq\":%lld,\"timestamp\":",
	    at, event->job_id, job_status_names[event->status],
	    (long long)event->seq);
	buffer_add_json_text(data, time);
	buffer_add_text(data, ",\"updated_at\":");
	buffer_add_json_text(data, time);
	add_time(data, value_of(job, FIELD_CREATED_AT));
	buffer_printf(data,
	    ",\"to\":%s,\"subject\":", to != NULL && *to != '\0' ? to : "null");
	buffer_add_json_text(data, value_of(job, FIELD_SUBJECT));
	buffer_add_text(data, ",\"last_error\":");
	buffer_add_json_text(data, text_of(event->entry, "last_error"));
	failures = add_history(data, event, job);
	add_retry_count(data, event, job, failures);
	buffer_add_text(data, "}");
}

struct chunk *
event_form(struct event *event, enum form form, struct permessage *permessage)
{
	char at[POSITION_SIZE];
	struct form_parts parts = {
		.type = event->seq == 1 ? "job_created" : "job_status_update",
		.data = event->data.data,
		.len = event->data.len,
		.id = at,
	};

	position_format(at, event->at);
	if (event->forms[form] == NULL)
		event->forms[form] = form_new(form, &parts, permessage);
	return event->forms[form];
}
