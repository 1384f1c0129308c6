/* SPDX-License-Identifier: MIT */
/*
 * Reading values where they stand in a JSON text. Nothing is copied until a
 * string is decoded, so a request costs the memory of its own bytes and not of
 * a tree. **The text must have passed json_scan()**: nothing is checked here.
 */
#ifndef POSTRIDER_JSON_VALUE_H
#define POSTRIDER_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

enum json_kind {
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_NUMBER,
	JSON_STRING,
	JSON_LIST,
	JSON_OBJECT,
	JSON_KIND__MAX
};
/* For people: "a string", "null", ... */
extern const char *const json_kind_names[JSON_KIND__MAX];

/* Borrows the text; brackets and quotes are part of it. */
struct json_value {
	enum json_kind kind;
	const char *text;
	size_t len;
};

/* The value that the whole text is. */
struct json_value json_value_of(const char *text, size_t len);

/* The items of a list, or the members of an object, one after the other. */
struct json_walk {
	const char *at;
	const char *end;
	bool object;
};
struct json_walk json_walk_begin(const struct json_value *);
/* `key` is set only in objects. false: there was none left. */
bool json_walk_next(struct json_walk *, struct json_value *key,
    struct json_value *value);

/* Items or members. */
size_t json_value_count(const struct json_value *);

/* Appends the UTF-8 that a JSON_STRING stands for. */
void json_value_decode(const struct json_value *, struct buffer *out);

#endif
