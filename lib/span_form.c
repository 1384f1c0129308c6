/* SPDX-License-Identifier: MIT */
/* https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
#include "span_form.h"

static void
add_key(struct buffer *json, const char *key)
{
	buffer_add_text(json, "{\"key\":");
	buffer_add_json_text(json, key);
}

static void
add_text(struct buffer *json, const char *key, const char *value)
{
	add_key(json, key);
	buffer_add_text(json, ",\"value\":{\"stringValue\":");
	buffer_add_json_text(json, value);
	buffer_add_text(json, "}}");
}

void
span_form_begin(struct span_form *form, const char *name, enum span_kind kind,
    const char *key, const char *value)
{
	struct buffer *json = &form->json;

	buffer_clear(json);
	buffer_add_text(json, ",\"name\":");
	buffer_add_json_text(json, name);
	buffer_add_text(json, ",\"kind\":");
	buffer_add_number(json, kind);
	buffer_add_text(json, ",\"attributes\":[");
	add_text(json, key, value);
}

void
span_form_text(struct span_form *form, const char *key, const char *value)
{
	buffer_add_text(&form->json, ",");
	add_text(&form->json, key, value);
}

void
span_form_number(struct span_form *form, const char *key, int64_t value)
{
	struct buffer *json = &form->json;

	buffer_add_text(json, ",");
	add_key(json, key);
	buffer_add_text(json, ",\"value\":{\"intValue\":\"");
	buffer_add_number(json, value);
	buffer_add_text(json, "\"}}");
}

void
span_form_free(struct span_form *form)
{
	buffer_free(&form->json);
}
