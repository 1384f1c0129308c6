/* SPDX-License-Identifier: MIT */
/* Field by field, by the table in field.c. */
#include "submission.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "characters.h"
#include "field.h"
#include "file_list.h"
#include "foreign.h"
#include "header_list.h"
#include "json_scan.h"
#include "json_text.h"
#include "json_value.h"
#include "label.h"
#include "list_name.h"
#include "literal.h"
#include "moment.h"
#include "unsubscribe.h"

struct submission {
	struct job *job;
	struct faults *faults;
	const struct field *given[FIELD_SLOT__MAX];
	const struct field *empty; /* a text that is needed without html */
	bool null; /* it was not even a string */
	bool strict;
	bool crowded; /* there were more recipients than are taken */
};

/* -- storing --------------------------------------------------------------- */

static struct extras *
extras_of(struct submission *sub)
{
	if (sub->job->extras == NULL)
		sub->job->extras = extras_new();
	return sub->job->extras;
}

static int
parse_mailbox(struct submission *sub, struct mailbox *box, const char *place,
    const char *text, size_t len)
{
	enum address_fault fault = mailbox_parse(box, text, len);

	if (fault == ADDRESS_OK)
		return 0;
	faults_add(sub->faults, place, "%s", address_fault_texts[fault]);
	return -1;
}

static void
store_recipient(struct submission *sub, enum recipient_role role,
    const char *place, const char *text, size_t len)
{
	struct mailbox box;

	if (parse_mailbox(sub, &box, place, text, len) == -1)
		return;
	if (job_add_mailbox(sub->job, role, &box) == 0 || sub->crowded)
		return;
	faults_add(sub->faults, place,
	    "is one recipient more than the " LITERAL(
		JOB_RECIPIENTS_MAX) " of to, cc and bcc together");
	sub->crowded = true; /* told once */
}

static void
store_to(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	store_recipient(sub, RECIPIENT_TO, place, text, len);
}

static void
store_cc(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	store_recipient(sub, RECIPIENT_CC, place, text, len);
}

static void
store_bcc(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	store_recipient(sub, RECIPIENT_BCC, place, text, len);
}

static void
store_from(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	(void)parse_mailbox(sub, &sub->job->from, place, text, len); /* told */
}

static void
store_reply_to(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	struct extras *extras = extras_of(sub);
	struct mailbox box;
	size_t i;

	if (parse_mailbox(sub, &box, place, text, len) == -1)
		return;
	for (i = 0; i < extras->reply_to_len; i++)
		if (address_is_same(extras->reply_to[i].address, box.address))
			break;
	if (i == extras->reply_to_len)
		extras_add_reply_to(extras, &box);
	mailbox_free(&box);
}

static void
store_subject(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	(void)place; /* every line will do */
	sub->job->subject = json_text_copy(text, len);
}

static void
store_body(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	(void)place; /* every text will do */
	sub->job->body = json_text_copy(text, len);
	sub->job->body_len = len;
}

static void
store_html(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	struct extras *extras = extras_of(sub);

	(void)place; /* every text will do */
	extras->html = json_text_copy(text, len);
	extras->html_len = len;
}

static void
store_time(struct submission *sub, int64_t *ms, const char *place,
    const char *text, size_t len)
{
	/* As of the mail, so that it is the same for both of them. */
	if (moment_parse(text, len, sub->job->created_at, ms) == -1)
		faults_add(sub->faults, place, MOMENT_FAULT);
}

static void
store_scheduled_at(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	store_time(sub, &sub->job->scheduled_at, place, text, len);
}

static void
store_expires_at(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	store_time(sub, &sub->job->expires_at, place, text, len);
}

static void
store_priority(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	const enum lane lane = lane_find(text, len);

	if (lane == LANE__MAX)
		faults_add(sub->faults, place, "must be high, normal or bulk");
	else
		sub->job->lane = lane;
}

static void
store_list(struct submission *sub, const char *place, const char *text,
    size_t len)
{
	if (list_name_is_valid(text, len))
		extras_of(sub)->list = json_text_copy(text, len);
	else
		faults_add(sub->faults, place, LIST_NAME_FAULT);
}

/*
 * `place` names it for faults ("to[1]"); the text has passed what the table
 * says of the field.
 */
static void (*const stores[FIELD_SLOT__MAX])(struct submission *,
    const char *place, const char *text, size_t len) = {
	[FIELD_TO] = store_to,
	[FIELD_SUBJECT] = store_subject,
	[FIELD_BODY] = store_body,
	[FIELD_FROM] = store_from,
	[FIELD_CC] = store_cc,
	[FIELD_BCC] = store_bcc,
	[FIELD_REPLY_TO] = store_reply_to,
	[FIELD_HTML] = store_html,
	[FIELD_SCHEDULED_AT] = store_scheduled_at,
	[FIELD_EXPIRES_AT] = store_expires_at,
	[FIELD_PRIORITY] = store_priority,
	[FIELD_LIST] = store_list,
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

/* A string, or a list of strings where that will do. */
static void
read_strings(struct submission *sub, const struct field *field,
    const struct json_value *value)
{
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
read_labels(struct submission *sub, char **text, const struct json_value *value,
    void (*read)(struct buffer *, const struct json_value *, struct faults *))
{
	struct buffer json = { 0 };

	read(&json, value, sub->faults);
	*text = buffer_take(&json);
}

/* {"url":"https://..."} and nothing else. */
static void
read_link(struct submission *sub, const struct field *field,
    const struct json_value *object)
{
	struct json_walk walk = json_walk_begin(object);
	struct json_value key, value, more;
	struct buffer url = { 0 };
	const char *fault = "must be {\"url\"}, a string";

	buffer_reserve(&url, 1); /* also what is empty is a string */
	if (json_walk_next(&walk, &key, &value) && key.len == 5 &&
	    memcmp(key.text, "\"url\"", 5) == 0 && value.kind == JSON_STRING &&
	    !json_walk_next(&walk, &key, &more)) {
		json_value_decode(&value, &url);
		fault = unsubscribe_url_fault(url.data, url.len);
	}
	if (fault != NULL)
		faults_add(sub->faults, field->name, "%s", fault);
	else
		extras_of(sub)->unsubscribe = buffer_take(&url);
	buffer_free(&url);
}

/* What a field is that is no string. */
static enum json_kind
kind_of(enum field_type type)
{
	if (type == FIELD_FILES || type == FIELD_LABELS)
		return JSON_LIST;
	return type == FIELD_SWITCH ? JSON_BOOLEAN : JSON_OBJECT;
}

static void
read_whole(struct submission *sub, const struct field *field,
    const struct json_value *value)
{
	const enum json_kind kind = kind_of(field->type);
	struct extras *extras;

	if (value->kind != kind) {
		faults_add(sub->faults, field->name, "must be %s, not %s",
		    json_kind_names[kind], json_kind_names[value->kind]);
		return;
	}
	if (field->type == FIELD_SWITCH) {
		sub->strict = value->text[0] == 't';
		return;
	}
	extras = extras_of(sub);
	if (field->type == FIELD_LINK)
		read_link(sub, field, value);
	else if (field->type == FIELD_FILES)
		file_list_read(extras, value, sub->faults);
	else if (field->type == FIELD_CUSTOM_HEADERS)
		header_list_read(extras, value, sub->faults);
	else if (field->type == FIELD_LABELS)
		read_labels(sub, &extras->tags, value, label_read_tags);
	else
		read_labels(sub, &extras->metadata, value, label_read_metadata);
}

static void
read_field(struct submission *sub, const struct field *field,
    const struct json_value *value)
{
	const struct field *other = sub->given[field->slot];

	if (field_is_unset(field, value)) {
		if (field->required) {
			sub->empty = field;
			sub->null = value->kind == JSON_NULL;
		}
		return;
	}
	if (other != NULL) {
		faults_add(sub->faults, field->name,
		    "is another name of %s: give one of the two", other->name);
		return;
	}
	sub->given[field->slot] = field;
	if (stores[field->slot] != NULL)
		read_strings(sub, field, value);
	else
		read_whole(sub, field, value);
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
			foreign_field_tell(sub->faults, name.data, name.len);
	}
	buffer_free(&name);
}

static void
fault_missing(struct submission *sub)
{
	const struct field *empty = sub->empty;
	size_t i;

	for (i = 0; i < fields_len; i++) {
		if (!fields[i].required || sub->given[fields[i].slot] != NULL ||
		    (fields[i].slot == FIELD_BODY &&
			sub->given[FIELD_HTML] != NULL))
			continue;
		sub->given[fields[i].slot] = &fields[i]; /* told once a slot */
		if (empty != NULL && empty->slot == fields[i].slot)
			faults_add(sub->faults, empty->name,
			    sub->null ? "must be a string, not null" :
					"must not be empty");
		else
			faults_add(sub->faults, fields[i].name, "is required");
	}
}

/* Two fields that would write the same header field. */
static void
fault_twice(struct submission *sub)
{
	const struct extras *extras = sub->job->extras;
	size_t i;

	if (extras == NULL || extras->unsubscribe == NULL)
		return;
	for (i = 0; i < extras->headers_len; i++)
		if (strcasecmp(extras->headers[i].name, "List-Unsubscribe") ==
			0 ||
		    strcasecmp(extras->headers[i].name,
			"List-Unsubscribe-Post") == 0)
			faults_add(sub->faults, "headers",
			    "has %s, which unsubscribe makes",
			    extras->headers[i].name);
}

/* Of times that could be read: whether they can be meant. */
static void
check_times(struct submission *sub)
{
	struct job *job = sub->job;
	const int64_t now = job->created_at;
	const char *fault = NULL;

	if (job->scheduled_at != 0)
		fault = moment_schedule_fault(job->scheduled_at, now);
	if (fault != NULL)
		faults_add(sub->faults, "scheduled_at", "%s", fault);
	fault = job->expires_at != 0 ?
	    moment_expiry_fault(job->expires_at, now, job->scheduled_at) :
	    NULL;
	if (fault != NULL)
		faults_add(sub->faults, "expires_at", "%s", fault);
	if (job->scheduled_at <= now)
		job->scheduled_at = 0; /* at once */
}

int
submission_read_value(struct job *job, const struct json_value *value,
    struct faults *faults, struct lint *lint)
{
	struct submission sub = { .job = job, .faults = faults };
	const size_t before = faults->count;

	if (value->kind != JSON_OBJECT) {
		faults_add(faults, "", "must be a JSON object, not %s",
		    json_kind_names[value->kind]);
		return -1;
	}
	read_members(&sub, value);
	fault_missing(&sub);
	fault_twice(&sub);
	check_times(&sub);
	if (faults->count == before)
		lint_mail(job, lint, sub.strict ? faults : &lint->warnings);
	return faults->count == before ? 0 : -1;
}

int
submission_read(struct job *job, const char *body, size_t len,
    struct faults *faults, struct lint *lint)
{
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
	return submission_read_value(job, &root, faults, lint);
}
