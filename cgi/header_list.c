/* SPDX-License-Identifier: MIT */
/* Custom header fields as requests bring them. */
#include "header_list.h"

#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

#include "literal.h"

static bool
has_header(const struct extras *extras, const char *name)
{
	size_t i;

	for (i = 0; i < extras->headers_len; i++)
		if (strcasecmp(extras->headers[i].name, name) == 0)
			return true;
	return false;
}

/* NULL, or what is wrong with the field, which is not taken then. */
static const char *
take(struct extras *extras, struct buffer *name, struct buffer *text)
{
	const char *fault = custom_header_name_fault(name->data, name->len);
	struct custom_header header;

	if (fault == NULL)
		fault = custom_header_value_fault(text->data, text->len);
	if (fault == NULL && has_header(extras, name->data))
		fault = "occurs twice: letter case does not count";
	if (fault != NULL)
		return fault;
	header.name = buffer_take(name);
	header.value = buffer_take(text);
	extras_add_header(extras, &header);
	return NULL;
}

static void
read_header(struct extras *extras, const struct json_value *key,
    const struct json_value *value, struct faults *faults)
{
	struct buffer name = { 0 }, text = { 0 };
	char place[CUSTOM_HEADER_NAME_MAX + 32];
	const char *fault;

	buffer_reserve(&name, 1); /* also what is empty is a string */
	buffer_reserve(&text, 1);
	json_value_decode(key, &name);
	snprintf(place, sizeof(place), "headers.%s", name.data);
	if (value->kind != JSON_STRING) {
		faults_add(faults, place, "must be a string, not %s",
		    json_kind_names[value->kind]);
	} else {
		json_value_decode(value, &text);
		fault = take(extras, &name, &text);
		if (fault != NULL)
			faults_add(faults, place, "%s", fault);
	}
	buffer_free(&name);
	buffer_free(&text);
}

void
header_list_read(struct extras *extras, const struct json_value *object,
    struct faults *faults)
{
	struct json_walk walk = json_walk_begin(object);
	struct json_value key, value;
	size_t i;

	for (i = 0; json_walk_next(&walk, &key, &value); i++) {
		if (i == CUSTOM_HEADERS_MAX) {
			faults_add(faults, "headers",
			    "has more than " LITERAL(
				CUSTOM_HEADERS_MAX) " fields");
			return;
		}
		read_header(extras, &key, &value, faults);
	}
}
