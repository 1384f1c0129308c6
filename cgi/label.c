/* SPDX-License-Identifier: MIT */
/* Tags and metadata as requests bring them. */
#include "label.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "literal.h"

static const char shape[] = "must be {\"name\", \"value\"}, both strings";

/* -- tags ------------------------------------------------------------------ */

size_t
label_word_length(const char *text)
{
	const size_t len = strspn(text,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_-");

	return len <= LABEL_TAG_MAX ? len : 0;
}

static bool
is_word(const struct buffer *text)
{
	return text->len > 0 && label_word_length(text->data) == text->len;
}

static const char *
take_word(struct buffer *word, const struct json_value *value)
{
	if (value->kind != JSON_STRING || word->len > 0)
		return shape;
	json_value_decode(value, word);
	return is_word(word) ?
	    NULL :
	    "must have letters, digits, underscores and "
	    "hyphens only, 1 to " LITERAL(LABEL_TAG_MAX) " of them";
}

/* A string of JSON that is plain ASCII. */
static bool
is_key(const struct json_value *key, const char *name)
{
	return key->len == strlen(name) + 2 &&
	    memcmp(key->text + 1, name, strlen(name)) == 0;
}

/* NULL, or what is wrong. */
static const char *
read_tag(struct buffer *out, const struct json_value *object)
{
	struct json_walk walk = json_walk_begin(object);
	struct buffer name = { 0 }, text = { 0 };
	struct json_value key, value;
	const char *fault = NULL;

	while (fault == NULL && json_walk_next(&walk, &key, &value)) {
		if (is_key(&key, "name"))
			fault = take_word(&name, &value);
		else if (is_key(&key, "value"))
			fault = take_word(&text, &value);
		else
			fault = shape;
	}
	if (fault == NULL && (name.len == 0 || text.len == 0))
		fault = shape;
	if (fault == NULL)
		buffer_printf(out, "%s{\"name\":\"%s\",\"value\":\"%s\"}",
		    out->data[out->len - 1] == '[' ? "" : ",", name.data,
		    text.data);
	buffer_free(&name);
	buffer_free(&text);
	return fault;
}

void
label_read_tags(struct buffer *out, const struct json_value *list,
    struct faults *faults)
{
	struct json_walk walk = json_walk_begin(list);
	struct json_value key, item;
	const char *fault;
	char place[32];
	size_t i;

	buffer_add_text(out, "[");
	for (i = 0; json_walk_next(&walk, &key, &item); i++) {
		if (i == LABEL_TAGS_MAX) {
			faults_add(faults, "tags",
			    "has more than " LITERAL(LABEL_TAGS_MAX) " items");
			break;
		}
		fault = "must be an object";
		if (item.kind == JSON_OBJECT)
			fault = read_tag(out, &item);
		snprintf(place, sizeof(place), "tags[%zu]", i);
		if (fault != NULL)
			faults_add(faults, place, "%s", fault);
	}
	buffer_add_text(out, "]");
}

/* -- metadata -------------------------------------------------------------- */

/* NULL, or what is wrong. */
static const char *
read_value(struct buffer *out, const struct json_value *value)
{
	struct buffer text = { 0 };
	bool fits;

	switch (value->kind) {
	case JSON_STRING:
		json_value_decode(value, &text);
		fits = text.len <= LABEL_VALUE_MAX;
		if (fits)
			buffer_add_json(out, text.len > 0 ? text.data : "",
			    text.len);
		buffer_free(&text);
		return fits ?
		    NULL :
		    "has more than " LITERAL(LABEL_VALUE_MAX) " bytes";
	case JSON_NUMBER:
	case JSON_BOOLEAN:
		buffer_add(out, value->text, value->len);
		return NULL;
	case JSON_NULL:
	case JSON_LIST:
	case JSON_OBJECT:
	case JSON_KIND__MAX:
		break;
	}
	return "must be a string, a number or a boolean";
}

static void
read_pair(struct buffer *out, const struct json_value *key,
    const struct json_value *value, struct faults *faults)
{
	char place[LABEL_KEY_MAX + 32];
	struct buffer name = { 0 };
	const char *fault;

	buffer_reserve(&name, 1); /* an empty one is a string, too */
	json_value_decode(key, &name);
	snprintf(place, sizeof(place), "metadata.%s", name.data);
	buffer_add_text(out, out->data[out->len - 1] == '{' ? "" : ",");
	buffer_add_json(out, name.data, name.len);
	buffer_add_text(out, ":");
	fault = read_value(out, value);
	if (name.len == 0 || name.len > LABEL_KEY_MAX)
		fault = "has a key that is empty or of more than " LITERAL(
		    LABEL_KEY_MAX) " bytes";
	if (fault != NULL)
		faults_add(faults, place, "%s", fault);
	buffer_free(&name);
}

void
label_read_metadata(struct buffer *out, const struct json_value *object,
    struct faults *faults)
{
	struct json_walk walk = json_walk_begin(object);
	struct json_value key, value;
	size_t i;

	buffer_add_text(out, "{");
	for (i = 0; json_walk_next(&walk, &key, &value); i++) {
		if (i == LABEL_PAIRS_MAX) {
			faults_add(faults, "metadata",
			    "has more than " LITERAL(LABEL_PAIRS_MAX) " keys");
			break;
		}
		read_pair(out, &key, &value, faults);
	}
	buffer_add_text(out, "}");
}
