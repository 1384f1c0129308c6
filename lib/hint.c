/* SPDX-License-Identifier: MIT */
/* The body of an AMQP message, old shapes and new. */
#include "hint.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "literal.h"
#include "payload.h"
#include "utf8.h"

void
hint_encode(const struct hint_parts *parts, struct buffer *out)
{
	buffer_add_text(out, "{\"version\":1,\"next_at\":");
	buffer_add_number(out, parts->next_at);
	if (parts->published_at > 0) {
		buffer_add_text(out, ",\"published_at\":");
		buffer_add_number(out, parts->published_at);
	}
	if (parts->expires_at > 0) {
		buffer_add_text(out, ",\"expires_at\":");
		buffer_add_number(out, parts->expires_at);
	}
	if (parts->results != NULL && parts->results_len > 0) {
		buffer_add_text(out, ",\"results\":");
		buffer_add(out, parts->results, parts->results_len);
	}
	buffer_add_text(out, ",\"content\":");
	/* A NUL is before the bytes of files. */
	if (parts->payload != NULL && parts->payload_len > 0 &&
	    parts->payload_len <= HINT_CONTENT_MAX &&
	    memchr(parts->payload, '\0', parts->payload_len) == NULL) {
		buffer_add(out, parts->payload, parts->payload_len);
	} else {
		buffer_add_text(out, "{\"job_id\":");
		buffer_add_json_text(out, parts->id);
		buffer_add_text(out, "}");
	}
	buffer_add_text(out, "}");
}

void
hint_clear(struct hint *hint)
{
	job_clear(&hint->job);
	memset(hint, 0, sizeof(*hint));
}

/* Only job_id: a hint by id. */
static bool
is_by_id(json_object *content)
{
	json_object *id;

	return json_object_is_type(content, json_type_object) &&
	    json_object_object_length(content) == 1 &&
	    json_object_object_get_ex(content, "job_id", &id);
}

static const char *
decode_id(struct hint *hint, json_object *content)
{
	json_object *id;
	size_t len;

	json_object_object_get_ex(content, "job_id", &id);
	len = (size_t)json_object_get_string_len(id);
	if (!json_object_is_type(id, json_type_string) ||
	    !id_is_valid(json_object_get_string(id), len))
		return "job_id is not 1-64 of [A-Za-z0-9._-]";
	memcpy(hint->job.id, json_object_get_string(id), len);
	hint->by_id = true;
	return NULL;
}

static const char *
decode_content(struct hint *hint, json_object *content)
{
	const char *why;

	if (is_by_id(content))
		return decode_id(hint, content);
	if (job_decode(&hint->job, content, &why) == -1)
		return why;
	hint->by_id = job_has_files(&hint->job);
	return NULL;
}

static void
decode_results(struct hint *hint, json_object *body)
{
	json_object *results;
	const char *text;

	if (!json_object_object_get_ex(body, "results", &results))
		return;
	text = json_object_to_json_string(results);
	/* What is no list of results says nothing: all recipients wait. */
	(void)job_decode_results(&hint->job, text, strlen(text));
}

static const char *
decode(struct hint *hint, json_object *body)
{
	json_object *version, *content, *at;
	const char *fault;

	if (!json_object_is_type(body, json_type_object))
		return "not a JSON object";
	if (json_object_object_get_ex(body, "version", &version) &&
	    json_object_get_int64(version) != HINT_VERSION)
		return "unknown version";
	if (!json_object_object_get_ex(body, "content", &content))
		content = body; /* the older raw shape */
	fault = decode_content(hint, content);
	if (fault != NULL)
		return fault;
	if (json_object_object_get_ex(body, "next_at", &at))
		hint->next_at = json_object_get_int64(at);
	if (json_object_object_get_ex(body, "published_at", &at))
		hint->published_at = json_object_get_int64(at);
	if (json_object_object_get_ex(body, "expires_at", &at))
		hint->expires_at = json_object_get_int64(at);
	decode_results(hint, body);
	return NULL;
}

/* -- the form that hint_encode() writes, most of the time ------------------ */

static const char ours_begin[] =
    "{\"version\":" LITERAL(HINT_VERSION) ",\"next_at\":";
static const char ours_content[] = ",\"content\":";

#define OURS_DIGITS_MAX 15 /* of next_at: what surely fits */

/* Where the content begins, or NULL. */
static const char *
read_head(struct hint *hint, const char *text, const char *end)
{
	const char *at, *first;

	if ((size_t)(end - text) <
		sizeof(ours_begin) + OURS_DIGITS_MAX + sizeof(ours_content) ||
	    memcmp(text, ours_begin, sizeof(ours_begin) - 1) != 0)
		return NULL;
	first = text + sizeof(ours_begin) - 1;
	for (at = first;
	     *at >= '0' && *at <= '9' && at - first < OURS_DIGITS_MAX; at++)
		hint->next_at = 10 * hint->next_at + (*at - '0');
	/* No JSON number: 01. */
	if (at == first || (*first == '0' && at - first > 1) ||
	    memcmp(at, ours_content, sizeof(ours_content) - 1) != 0)
		return NULL;
	return at + sizeof(ours_content) - 1;
}

/* With a payload and no results; false, and the hint empty: any other. */
static bool
read_ours(struct hint *hint, const char *text, size_t len)
{
	const char *end = text + len;
	const char *content = read_head(hint, text, end);

	if (content != NULL && end[-1] == '}' &&
	    payload_read(&hint->job, content, (size_t)(end - content) - 1))
		return true;
	hint_clear(hint);
	return false;
}

int
hint_decode(struct hint *hint, const void *bytes, size_t len, const char **why)
{
	struct json_tokener *tokener;
	json_object *body = NULL;

	memset(hint, 0, sizeof(*hint));
	*why = "empty";
	if (len == 0 || len > INT_MAX)
		return -1;
	/* json-c's own check lets overlong forms and surrogates pass. */
	*why = "not UTF-8";
	if (!utf8_is_valid(bytes, len))
		return -1;
	if (read_ours(hint, bytes, len))
		return 0;
	tokener = json_tokener_new();
	if (tokener == NULL)
		abort();
	body = json_tokener_parse_ex(tokener, bytes, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		*why = "not JSON";
	else
		*why = decode(hint, body);
	json_object_put(body);
	json_tokener_free(tokener);
	if (*why == NULL)
		return 0;
	hint_clear(hint);
	return -1;
}
