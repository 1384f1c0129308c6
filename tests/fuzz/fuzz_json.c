/* SPDX-License-Identifier: MIT */
/*
 * fuzz.json: what json_scan() takes, json-c takes too, and both mean the same by
 * it; what it refuses, json-c's strict mode refuses but for the rules that are
 * ours. What is written of the values that were read is read the same.
 * oracle_json.py asks Python's json the same questions about the dumps.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "fuzz.h"
#include "json_scan.h"
#include "json_value.h"

/* Where json_scan.h is stricter on purpose, by the words of its faults. */
static const char *const own_rules[] = {
	"a \\u0000",
	"a lone surrogate",
	"a key that occurs twice",
	"an object of over 256 keys",
	"more than 16 levels",
	"a number over 64 bytes",
	"a number out of range",
	/* json-c takes these two, Python does not. */
	"a control character in a string",
	"invalid UTF-8",
};

static bool
is_own_rule(const char *what)
{
	size_t i;

	for (i = 0; i < sizeof(own_rules) / sizeof(*own_rules); i++)
		if (strcmp(what, own_rules[i]) == 0)
			return true;
	return false;
}

/*
 * Where json-c, strict or not, takes `NaN`, `Infinity`, `1.`, `1e`, `00` and keys
 * in single quotes, and stops at NUL. Python does not.
 */
static bool
is_lax(const char *text, size_t len, size_t at)
{
	return (at < len && memchr("NI'\0", text[at], 4) != NULL) ||
	    (at > 0 && memchr(".eE+-0", text[at - 1], 6) != NULL);
}

/* NULL with *taken is the value `null`. */
static json_object *
parse(const char *text, size_t len, int flags, bool *taken)
{
	struct json_tokener *tokener = json_tokener_new();
	struct buffer whole = { 0 };
	json_object *value;

	json_tokener_set_flags(tokener, flags | JSON_TOKENER_VALIDATE_UTF8);
	/* A number ends with the byte behind it. */
	buffer_add(&whole, text, len);
	value = json_tokener_parse_ex(tokener, whole.data, (int)len + 1);
	*taken = json_tokener_get_error(tokener) == json_tokener_success;
	json_tokener_free(tokener);
	buffer_free(&whole);
	return value;
}

/* -- the same meaning ------------------------------------------------------ */

static void check_same(const struct json_value *, json_object *);

static void
check_number(const struct json_value *number, json_object *other)
{
	char text[JSON_NUMBER_MAX + 1];

	CHECK(number->len <= JSON_NUMBER_MAX);
	memcpy(text, number->text, number->len);
	text[number->len] = '\0';
	if (json_object_is_type(other, json_type_int))
		CHECK(json_object_get_int64(other) == strtoll(text, NULL, 10));
	else
		CHECK(json_object_is_type(other, json_type_double) &&
		    json_object_get_double(other) == strtod(text, NULL));
}

static void
check_string(const struct json_value *string, json_object *other)
{
	struct buffer text = { 0 };

	CHECK(json_object_is_type(other, json_type_string));
	json_value_decode(string, &text);
	CHECK(text.len == (size_t)json_object_get_string_len(other));
	CHECK(memchr(text.data, '\0', text.len) == NULL);
	CHECK(memcmp(text.data, json_object_get_string(other), text.len) == 0);
	buffer_free(&text);
}

static void
check_list(const struct json_value *list, json_object *other)
{
	struct json_walk walk = json_walk_begin(list);
	struct json_value key, item;
	size_t i;

	CHECK(json_object_is_type(other, json_type_array));
	CHECK(json_value_count(list) == json_object_array_length(other));
	for (i = 0; json_walk_next(&walk, &key, &item); i++)
		check_same(&item, json_object_array_get_idx(other, i));
}

static void
check_object(const struct json_value *object, json_object *other)
{
	struct json_walk walk = json_walk_begin(object);
	struct json_value key, value;
	struct buffer name = { 0 };
	json_object *member;

	CHECK(json_object_is_type(other, json_type_object));
	CHECK(json_value_count(object) ==
	    (size_t)json_object_object_length(other));
	while (json_walk_next(&walk, &key, &value)) {
		buffer_clear(&name);
		CHECK(key.kind == JSON_STRING);
		json_value_decode(&key, &name);
		CHECK(json_object_object_get_ex(other, name.data, &member));
		check_same(&value, member);
	}
	buffer_free(&name);
}

static void
check_same(const struct json_value *value, json_object *other)
{
	switch (value->kind) {
	case JSON_NULL:
		CHECK(other == NULL && value->len == 4);
		break;
	case JSON_BOOLEAN:
		CHECK(json_object_is_type(other, json_type_boolean));
		CHECK(
		    json_object_get_boolean(other) == (value->text[0] == 't'));
		break;
	case JSON_NUMBER:
		check_number(value, other);
		break;
	case JSON_STRING:
		check_string(value, other);
		break;
	case JSON_LIST:
		check_list(value, other);
		break;
	case JSON_OBJECT:
		check_object(value, other);
		break;
	case JSON_KIND__MAX:
		CHECK(false);
	}
}

/* -- writing what was read ------------------------------------------------- */

static void write_value(struct buffer *, const struct json_value *);

static void
write_string(struct buffer *out, const struct json_value *string)
{
	struct buffer text = { 0 };

	json_value_decode(string, &text);
	buffer_add_json(out, text.data, text.len);
	buffer_free(&text);
}

static void
write_items(struct buffer *out, const struct json_value *value)
{
	struct json_walk walk = json_walk_begin(value);
	struct json_value key, item;
	size_t i;

	for (i = 0; json_walk_next(&walk, &key, &item); i++) {
		if (i > 0)
			buffer_add_text(out, ",");
		if (value->kind == JSON_OBJECT) {
			write_string(out, &key);
			buffer_add_text(out, ":");
		}
		write_value(out, &item);
	}
}

static void
write_value(struct buffer *out, const struct json_value *value)
{
	if (value->kind == JSON_STRING) {
		write_string(out, value);
	} else if (value->kind == JSON_LIST || value->kind == JSON_OBJECT) {
		buffer_add(out, value->text, 1);
		write_items(out, value);
		buffer_add(out, value->text + value->len - 1, 1);
	} else {
		buffer_add(out, value->text, value->len);
	}
}

static void
check_writing(const struct json_value *value, const struct dump *dump)
{
	struct buffer once = { 0 }, twice = { 0 };
	struct json_fault fault;
	struct json_value again;

	write_value(&once, value);
	CHECK(json_scan(once.data, once.len, &fault) == 0);
	again = json_value_of(once.data, once.len);
	CHECK(again.kind == value->kind && again.len == once.len);
	write_value(&twice, &again);
	CHECK(once.len == twice.len);
	CHECK(memcmp(once.data, twice.data, once.len) == 0);
	dump_write(dump, ".json", once.data, once.len);
	buffer_free(&once);
	buffer_free(&twice);
}

static void
check_taken(const char *text, size_t size, const struct dump *dump)
{
	struct json_value value = json_value_of(text, size);
	bool taken;
	/* Not strict: then json-c 0.17 and 0.18 refuse all but ASCII. */
	json_object *other = parse(text, size, 0, &taken);

	CHECK(taken);
	check_same(&value, other);
	check_writing(&value, dump);
	json_object_put(other);
}

static void
check_refused(const char *text, size_t size, const struct json_fault *fault)
{
	bool taken;
	json_object *other = parse(text, size, JSON_TOKENER_STRICT, &taken);

	CHECK(fault->at <= size);
	CHECK(!taken || is_own_rule(fault->what) ||
	    is_lax(text, size, fault->at));
	json_object_put(other);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dump dump = { data, size };
	const char *text = (const char *)data;
	struct json_fault fault;

	dump_write(&dump, ".input", text, size);
	if (json_scan(text, size, &fault) == 0) {
		check_taken(text, size, &dump);
	} else {
		check_refused(text, size, &fault);
		dump_write(&dump, ".fault", fault.what, strlen(fault.what));
	}
	return 0;
}
