/* SPDX-License-Identifier: MIT */
/* Strings out of json-c's objects. */
#ifndef POSTRIDER_JSON_TEXT_H
#define POSTRIDER_JSON_TEXT_H

#include <stddef.h>

#include <json-c/json.h>

/* A string member, or NULL when it is missing or no string; borrowed. */
const char *json_text_member(json_object *object, const char *name,
    size_t *len);

/* `len` bytes as a C string that the caller frees. */
char *json_text_copy(const char *text, size_t len);

#endif
