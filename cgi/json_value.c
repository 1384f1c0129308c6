/* SPDX-License-Identifier: MIT */
/* Finds where values end, and decodes strings, in text known to be JSON. */
#include "json_value.h"

#include <stdint.h>
#include <string.h>

const char *const json_kind_names[JSON_KIND__MAX] = {
	[JSON_NULL] = "null",
	[JSON_BOOLEAN] = "a boolean",
	[JSON_NUMBER] = "a number",
	[JSON_STRING] = "a string",
	[JSON_LIST] = "a list",
	[JSON_OBJECT] = "an object",
};

static enum json_kind
kind_of(char first)
{
	switch (first) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_LIST;
	case '"':
		return JSON_STRING;
	case 't':
	case 'f':
		return JSON_BOOLEAN;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

/* Spaces, and the commas and colons between values. */
static const char *
skip_gap(const char *at, const char *end)
{
	while (at < end && strchr(" \t\r\n,:", *at) != NULL)
		at++;
	return at;
}

/* Behind the quote that ends the string which begins at `at`. */
static const char *
skip_string(const char *at, const char *end)
{
	const char *quote = at, *escape;

	for (at++; at < end; at = escape + 2) {
		/* Not for each escape anew: a text has thousands of lines. */
		if (quote < at)
			quote = memchr(at, '"', (size_t)(end - at));
		if (quote == NULL)
			return end;
		escape = memchr(at, '\\', (size_t)(quote - at));
		if (escape == NULL)
			return quote + 1;
	}
	return end;
}

static const char *
skip_nested(const char *at, const char *end)
{
	int depth = 0;

	while (at < end) {
		if (*at == '"') {
			at = skip_string(at, end);
			continue;
		}
		if (*at == '{' || *at == '[')
			depth++;
		else if ((*at == '}' || *at == ']') && --depth == 0)
			return at + 1;
		at++;
	}
	return end;
}

static const char *
skip_word(const char *at, const char *end)
{
	while (at < end && strchr(" \t\r\n,]}", *at) == NULL)
		at++;
	return at;
}

static struct json_value
value_at(const char *at, const char *end)
{
	struct json_value value = { kind_of(*at), at, 0 };

	if (value.kind == JSON_STRING)
		end = skip_string(at, end);
	else if (value.kind == JSON_LIST || value.kind == JSON_OBJECT)
		end = skip_nested(at, end);
	else
		end = skip_word(at, end);
	value.len = (size_t)(end - at);
	return value;
}

struct json_value
json_value_of(const char *text, size_t len)
{
	const char *end = text + len;

	return value_at(skip_gap(text, end), end);
}

struct json_walk
json_walk_begin(const struct json_value *value)
{
	struct json_walk walk = { value->text + 1, value->text + value->len - 1,
		value->kind == JSON_OBJECT };

	return walk;
}

bool
json_walk_next(struct json_walk *walk, struct json_value *key,
    struct json_value *value)
{
	walk->at = skip_gap(walk->at, walk->end);
	if (walk->at == walk->end)
		return false;
	if (walk->object) {
		*key = value_at(walk->at, walk->end);
		walk->at = skip_gap(key->text + key->len, walk->end);
	}
	*value = value_at(walk->at, walk->end);
	walk->at = value->text + value->len;
	return true;
}

size_t
json_value_count(const struct json_value *value)
{
	struct json_walk walk = json_walk_begin(value);
	struct json_value key, item;
	size_t count = 0;

	while (json_walk_next(&walk, &key, &item))
		count++;
	return count;
}

/* -- strings --------------------------------------------------------------- */

static uint32_t
hex_unit(const char *digits)
{
	uint32_t unit = 0;
	int i;

	for (i = 0; i < 4; i++)
		unit = unit << 4 |
		    (uint32_t)(digits[i] <= '9' ?
			    digits[i] - '0' :
			    (digits[i] | 0x20) - 'a' + 10);
	return unit;
}

static void
add_point(struct buffer *out, uint32_t point)
{
	char bytes[4];
	size_t i, length;

	if (point < 0x80) {
		bytes[0] = (char)point;
		buffer_add(out, bytes, 1);
		return;
	}
	length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (i = length; i-- > 1; point >>= 6)
		bytes[i] = (char)(0x80 | (point & 0x3f));
	bytes[0] = (char)(0xf00 >> length | point);
	buffer_add(out, bytes, length);
}

/* What stands behind a backslash; returns where it ends. */
static const char *
add_escape(struct buffer *out, const char *at)
{
	static const char letters[] = "bfnrt";
	static const char meant[] = "\b\f\n\r\t";
	const char *letter;
	uint32_t point;

	if (*at != 'u') {
		letter = strchr(letters, *at);
		buffer_add(out, letter != NULL ? &meant[letter - letters] : at,
		    1);
		return at + 1;
	}
	point = hex_unit(at + 1);
	at += 5;
	if (point >= 0xd800 && point <= 0xdbff) {
		point = 0x10000 + ((point & 0x3ff) << 10) +
		    (hex_unit(at + 2) & 0x3ff);
		at += 6;
	}
	add_point(out, point);
	return at;
}

void
json_value_decode(const struct json_value *value, struct buffer *out)
{
	const char *at = value->text + 1;
	const char *end = value->text + value->len - 1;
	const char *escape;

	buffer_reserve(out, value->len);
	while (at < end) {
		escape = memchr(at, '\\', (size_t)(end - at));
		if (escape == NULL)
			escape = end;
		buffer_add(out, at, (size_t)(escape - at));
		at = escape == end ? end : add_escape(out, escape + 1);
	}
}
