/* SPDX-License-Identifier: MIT */
/* Files as requests bring them. */
#include "file_list.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "literal.h"
#include "nearest.h"

#define PLACE_SIZE 64 /* "attachments[99].content_type" */

/* -- content --------------------------------------------------------------- */

/* 0, or -1: it is something else than numbers from 0 to 255. */
static int
read_bytes(struct buffer *out, const struct json_value *list)
{
	const char *at = list->text + 1, *end = list->text + list->len - 1;
	unsigned value;
	char *to;
	int digits;

	buffer_reserve(out, list->len / 2 + 1);
	to = out->data + out->len;
	while (at < end) {
		if (strchr(" \t\r\n,", *at) != NULL) {
			at++;
			continue;
		}
		value = 0;
		for (digits = 0; digits < 3 && *at >= '0' && *at <= '9';
		     digits++)
			value = 10 * value + (unsigned)(*at++ - '0');
		if (digits == 0 || value > UINT8_MAX ||
		    strchr(" \t\r\n,]", *at) == NULL)
			return -1;
		*to++ = (char)value;
	}
	out->len = (size_t)(to - out->data);
	return 0;
}

static int
read_base64(struct buffer *out, const struct json_value *value)
{
	const char *text = value->text + 1;
	const size_t len = value->len - 2;
	struct buffer decoded = { 0 };
	int result;

	if (memchr(text, '\\', len) == NULL)
		return base64_decode(out, text, len);
	/* Some writers escape what needs none: "\/", "\u002b". */
	json_value_decode(value, &decoded);
	result = base64_decode(out, decoded.data, decoded.len);
	buffer_free(&decoded);
	return result;
}

static bool
is_text(const struct json_value *value, const char *text)
{
	return value->kind == JSON_STRING && value->len == strlen(text) + 2 &&
	    memcmp(value->text + 1, text, strlen(text)) == 0;
}

/* {"type":"Buffer","data":[...]} and nothing else. */
static int
read_node_buffer(struct buffer *out, const struct json_value *object)
{
	struct json_walk walk = json_walk_begin(object);
	struct json_value key, value, data = { JSON_NULL, NULL, 0 };
	bool typed = false;

	while (json_walk_next(&walk, &key, &value)) {
		if (is_text(&key, "data") && value.kind == JSON_LIST)
			data = value;
		else if (is_text(&key, "type") && is_text(&value, "Buffer"))
			typed = true;
		else
			return -1;
	}
	return typed && data.kind == JSON_LIST ? read_bytes(out, &data) : -1;
}

/* 0, or -1 after the fault was told. */
static int
read_content(struct buffer *out, const char *place,
    const struct json_value *value, struct faults *faults)
{
	int result = -1;

	if (value->kind == JSON_STRING) {
		result = read_base64(out, value);
		if (result == -1)
			faults_add(faults, place,
			    "is not base64 with its padding");
		return result;
	}
	if (value->kind == JSON_LIST)
		result = read_bytes(out, value);
	else if (value->kind == JSON_OBJECT)
		result = read_node_buffer(out, value);
	if (result == -1)
		faults_add(faults, place,
		    "must be base64, a list of numbers from 0 to 255, or a "
		    "Buffer as Node.js writes it");
	return result;
}

/* -- what is said of it ---------------------------------------------------- */

enum member {
	MEMBER_CONTENT,
	MEMBER_FILENAME,
	MEMBER_TYPE,
	MEMBER_ID,
	MEMBER_INLINE_ID, /* as older SDKs of Resend call it */
	MEMBER_PATH, /* never fetched for anybody */
	MEMBER__MAX
};
static const char *const member_names[MEMBER__MAX] = {
	[MEMBER_CONTENT] = "content",
	[MEMBER_FILENAME] = "filename",
	[MEMBER_TYPE] = "content_type",
	[MEMBER_ID] = "content_id",
	[MEMBER_INLINE_ID] = "inline_content_id",
	[MEMBER_PATH] = "path",
};

static void
read_text(char **text, const char *place, const struct json_value *value,
    const char *(*fault_of)(const char *, size_t), struct faults *faults)
{
	struct buffer decoded = { 0 };
	const char *fault;

	if (value->kind == JSON_NULL ||
	    (value->kind == JSON_BOOLEAN && value->text[0] == 'f'))
		return; /* SDKs write what is not set so */
	if (*text != NULL) {
		faults_add(faults, place,
		    "is given twice: content_id and inline_content_id "
		    "are the same");
		return;
	}
	if (value->kind != JSON_STRING) {
		faults_add(faults, place, "must be a string, not %s",
		    json_kind_names[value->kind]);
		return;
	}
	json_value_decode(value, &decoded);
	buffer_reserve(&decoded, 1); /* an empty one is a string, too */
	fault = fault_of(decoded.data, decoded.len);
	if (fault == NULL)
		*text = buffer_take(&decoded);
	else
		faults_add(faults, place, "%s", fault);
	buffer_free(&decoded);
}

/* A file on its way into the list. */
struct reading {
	struct extras *extras;
	struct faults *faults;
	struct attachment file;
	bool has_content;
	char place[PLACE_SIZE]; /* "attachments[0]" */
};

static void
read_member(struct reading *r, enum member member,
    const struct json_value *value)
{
	struct buffer *bytes = &r->extras->file_bytes;
	const size_t before = bytes->len;
	char place[PLACE_SIZE + 32];

	snprintf(place, sizeof(place), "%s.%s", r->place, member_names[member]);
	switch (member) {
	case MEMBER_CONTENT:
		r->has_content = true;
		(void)read_content(bytes, place, value, r->faults); /* told */
		r->file.size = bytes->len - before;
		break;
	case MEMBER_FILENAME:
		read_text(&r->file.filename, place, value,
		    attachment_filename_fault, r->faults);
		break;
	case MEMBER_TYPE:
		read_text(&r->file.content_type, place, value,
		    attachment_type_fault, r->faults);
		break;
	case MEMBER_ID:
	case MEMBER_INLINE_ID:
		read_text(&r->file.content_id, place, value,
		    attachment_id_fault, r->faults);
		break;
	case MEMBER_PATH:
		if (value->kind == JSON_NULL)
			break;
		faults_add(r->faults, place,
		    "is not taken: send the file's bytes as content");
		break;
	case MEMBER__MAX:
		break;
	}
}

static enum member
find_member(const char *name)
{
	int member = 0;

	while (member < MEMBER__MAX && strcmp(member_names[member], name) != 0)
		member++;
	return (enum member)member;
}

static void
read_named(struct reading *r, const char *name, size_t len,
    const struct json_value *value)
{
	const enum member member = find_member(name);
	const char *nearest;

	if (member < MEMBER__MAX) {
		read_member(r, member, value);
		return;
	}
	nearest = nearest_name(name, len, member_names, MEMBER__MAX);
	if (nearest != NULL)
		faults_add(r->faults, r->place,
		    "has a field %s, which is none: did you mean %s?", name,
		    nearest);
	else
		faults_add(r->faults, r->place, "has a field %s, which is none",
		    name);
}

static void
read_file(struct reading *r, const struct json_value *object)
{
	struct json_walk walk = json_walk_begin(object);
	struct json_value key, value;
	struct buffer name = { 0 };

	while (json_walk_next(&walk, &key, &value)) {
		buffer_clear(&name);
		buffer_reserve(&name, 1);
		json_value_decode(&key, &name);
		read_named(r, name.data, name.len, &value);
	}
	buffer_free(&name);
	if (!r->has_content)
		faults_add(r->faults, r->place, "has no content");
}

void
file_list_read(struct extras *extras, const struct json_value *list,
    struct faults *faults)
{
	struct json_walk walk = json_walk_begin(list);
	struct reading r = { .extras = extras, .faults = faults };
	struct json_value key, item;
	size_t i;

	for (i = 0; json_walk_next(&walk, &key, &item); i++) {
		if (i == ATTACHMENTS_MAX) {
			faults_add(faults, "attachments",
			    "has more than " LITERAL(ATTACHMENTS_MAX) " items");
			break;
		}
		snprintf(r.place, sizeof(r.place), "attachments[%zu]", i);
		r.has_content = false;
		if (item.kind != JSON_OBJECT) {
			faults_add(faults, r.place, "must be an object, not %s",
			    json_kind_names[item.kind]);
			continue;
		}
		read_file(&r, &item);
		extras_add_attachment(extras, &r.file);
	}
	extras->files = extras->file_bytes.data;
	extras->files_len = extras->file_bytes.len;
}
