/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <json-c/json.h>
#include <string.h>

#include "job.h"

#define DEPTH_MAX 8

static const char *const type_names[MESSAGE_TYPE__MAX] = {
	[MESSAGE_PING] = "ping",
	[MESSAGE_SUBSCRIBE_JOB] = "subscribe_job",
	[MESSAGE_SUBSCRIBE] = "subscribe",
	[MESSAGE_RESUME] = "resume",
};

/* A member that is a string, or NULL. */
static const char *
text_of(json_object *json, const char *name, size_t *len)
{
	json_object *value;

	if (!json_object_object_get_ex(json, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	*len = (size_t)json_object_get_string_len(value);
	return json_object_get_string(value);
}

static const char *
read_statuses(struct message *message, json_object *json)
{
	json_object *list, *item;
	enum job_status status;
	size_t i;

	if (!json_object_object_get_ex(json, "status", &list))
		return NULL;
	if (!json_object_is_type(list, json_type_array))
		return "status is no list";
	for (i = 0; i < json_object_array_length(list); i++) {
		item = json_object_array_get_idx(list, i);
		if (!json_object_is_type(item, json_type_string))
			return "status is no list of strings";
		status = job_status_find(json_object_get_string(item),
		    (size_t)json_object_get_string_len(item));
		if (status == JOB_STATUS__MAX)
			return "status has one that is not known";
		message->statuses |= 1U << status;
	}
	return NULL;
}

static const char *
read_job_id(struct message *message, json_object *json)
{
	size_t len;
	const char *id = text_of(json, "job_id", &len);

	if (id == NULL || !id_is_valid(id, len))
		return "job_id is no job's id";
	memcpy(message->job_id, id, len + 1);
	return NULL;
}

static const char *
read_position(struct message *message, json_object *json)
{
	size_t len;
	const char *id = text_of(json, "last_event_id", &len);

	if (id == NULL || position_parse(&message->after, id, len) == -1)
		return "last_event_id is no event's id";
	return NULL;
}

static const char *
read_object(struct message *message, json_object *json)
{
	size_t len, i;
	const char *type = text_of(json, "type", &len);

	if (type == NULL)
		return "it has no type";
	for (i = 0; i < MESSAGE_TYPE__MAX; i++)
		if (strlen(type_names[i]) == len &&
		    memcmp(type_names[i], type, len) == 0)
			break;
	message->type = (enum message_type)i;
	switch (message->type) {
	case MESSAGE_PING:
		return NULL;
	case MESSAGE_SUBSCRIBE_JOB:
		return read_job_id(message, json);
	case MESSAGE_SUBSCRIBE:
		return read_statuses(message, json);
	case MESSAGE_RESUME:
		return read_position(message, json);
	case MESSAGE_TYPE__MAX:
		break;
	}
	return "its type is not known";
}

int
message_read(struct message *message, const char *text, size_t len,
    const char **why)
{
	json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	json_object *json;

	memset(message, 0, sizeof(*message));
	if (tokener == NULL)
		abort();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	json = json_tokener_parse_ex(tokener, text, (int)len);
	if (json == NULL ||
	    json_tokener_get_error(tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(tokener) != len ||
	    !json_object_is_type(json, json_type_object))
		*why = "it is no JSON object";
	else
		*why = read_object(message, json);
	json_object_put(json);
	json_tokener_free(tokener);
	return *why == NULL ? 0 : -1;
}
