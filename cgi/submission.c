/* SPDX-License-Identifier: MIT */
/* Field by field, by the table in field.c. */
#include "submission.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "characters.h"
#include "field.h"
#include "json_scan.h"
#include "json_value.h"

struct submission {
	struct job *job;
	struct faults *faults;
	const struct field *given[FIELD_SLOT__MAX];
};

/* -- storing --------------------------------------------------------------- */

static char *
copy_text(const char *text, size_t len)
{
	struct buffer copy = { 0 };

	buffer_add(&copy, text, len);
	return buffer_take(&copy);
}

static void
store_recipient(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	struct mailbox box;
	enum address_fault fault = mailbox_parse(&box, text, len);

	if (fault != ADDRESS_OK) {
		faults_add(sub->faults, place, "%s",
		    address_fault_texts[fault]);
		return;
	}
	/* The list's length was checked: it cannot be full. */
	(void)job_add_recipient(sub->job, box.address, strlen(box.address));
	mailbox_free(&box);
}

static void
store_from(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	enum address_fault fault = mailbox_parse(&sub->job->from, text, len);

	if (fault != ADDRESS_OK)
		faults_add(sub->faults, place, "%s",
		    address_fault_texts[fault]);
}

static void
store_subject(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	(void)place; /* every line will do */
	sub->job->subject = copy_text(text, len);
}

static void
store_body(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	(void)place; /* every text will do */
	sub->job->body = copy_text(text, len);
	sub->job->body_len = len;
}

/*
 * `place` names it for faults ("to[1]"); the text has passed what the table
 * says of the field.
 */
static void (*const stores[FIELD_SLOT__MAX])(struct submission *,
    const char *place, const char *text, size_t len) = {
	[FIELD_TO] = store_recipient,
	[FIELD_SUBJECT] = store_subject,
	[FIELD_BODY] = store_body,
	[FIELD_FROM] = store_from,
};

/* -- reading --------------------------------------------------------------- */

static void
read_string(struct submission *sub, const struct field *field,
    const char *place, const struct json_value *value)
{
	struct buffer text = { 0 };

	json_value_decode(value, &text);
	if (text.len == 0)
		faults_add(sub->faults, place, "must not be empty");
	else if (field->bytes_max > 0 && text.len > field->bytes_max)
		faults_add(sub->faults, place, "has %zu bytes; %zu are allowed",
		    text.len, field->bytes_max);
	else if ((field->places & FIELD_IN_HEADER) != 0 &&
	    !characters_are(text.data, text.len, CHARACTERS_LINE))
		faults_add(sub->faults, place,
		    "must not hold line breaks, other control characters or "
		    "bidi controls");
	else
		stores[field->slot](sub, place, text.data, text.len);
	buffer_free(&text);
}

static void
read_list(struct submission *sub, const struct field *field,
    const struct json_value *list)
{
	const size_t count = json_value_count(list);
	struct json_walk walk = json_walk_begin(list);
	struct json_value key, item;
	char place[64];
	size_t i;

	if (count == 0)
		faults_add(sub->faults, field->name, "must not be empty");
	if (count > field->items_max) {
		faults_add(sub->faults, field->name,
		    "has %zu items; %zu are allowed", count, field->items_max);
		return;
	}
	for (i = 0; json_walk_next(&walk, &key, &item); i++) {
		snprintf(place, sizeof(place), "%s[%zu]", field->name, i);
		if (item.kind == JSON_STRING)
			read_string(sub, field, place, &item);
		else
			faults_add(sub->faults, place,
			    "must be a string, not %s",
			    json_kind_names[item.kind]);
	}
}

static void
read_field(struct submission *sub, const struct field *field,
    const struct json_value *value)
{
	const struct field *other = sub->given[field->slot];

	if (other != NULL) {
		faults_add(sub->faults, field->name,
		    "is another name of %s: give one of the two", other->name);
		return;
	}
	sub->given[field->slot] = field;
	if (value->kind == JSON_STRING)
		read_string(sub, field, field->name, value);
	else if (value->kind == JSON_LIST && field->items_max > 0)
		read_list(sub, field, value);
	else
		faults_add(sub->faults, field->name,
		    "must be a string%s, not %s",
		    field->items_max > 0 ? " or a list of strings" : "",
		    json_kind_names[value->kind]);
}

static void
fault_unknown(struct submission *sub, const char *name, size_t len)
{
	const char *nearest = field_nearest(name, len);

	if (nearest != NULL)
		faults_add(sub->faults, name,
		    "is not a field: did you mean %s?", nearest);
	else
		faults_add(sub->faults, name, "is not a field");
}

static void
read_members(struct submission *sub, const struct json_value *body)
{
	struct json_walk walk = json_walk_begin(body);
	struct json_value key, value;
	const struct field *field;
	struct buffer name = { 0 };

	while (json_walk_next(&walk, &key, &value)) {
		buffer_clear(&name);
		json_value_decode(&key, &name);
		field = field_find(name.data, name.len);
		if (field != NULL)
			read_field(sub, field, &value);
		else
			fault_unknown(sub, name.data, name.len);
	}
	buffer_free(&name);
}

static void
fault_missing(struct submission *sub)
{
	size_t i;

	for (i = 0; i < fields_len; i++) {
		if (!fields[i].required || sub->given[fields[i].slot] != NULL)
			continue;
		sub->given[fields[i].slot] = &fields[i]; /* told once a slot */
		faults_add(sub->faults, fields[i].name, "is required");
	}
}

int
submission_read(struct job *job, const char *body, size_t len,
    struct faults *faults)
{
	struct submission sub = { job, faults, { NULL } };
	struct json_fault fault;
	struct json_value root;

	if (len == 0) {
		faults_add(faults, "", "is empty: a JSON object is needed");
		return -1;
	}
	if (json_scan(body, len, &fault) == -1) {
		faults_add(faults, "", "is not valid JSON: %s at byte %zu",
		    fault.what, fault.at);
		return -1;
	}
	root = json_value_of(body, len);
	if (root.kind != JSON_OBJECT) {
		faults_add(faults, "", "must be a JSON object, not %s",
		    json_kind_names[root.kind]);
		return -1;
	}
	read_members(&sub, &root);
	fault_missing(&sub);
	return faults->count == 0 ? 0 : -1;
}
