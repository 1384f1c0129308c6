/* SPDX-License-Identifier: MIT */
/* Asks the API over HTTP, with the key if there is one. By libcurl. */
#ifndef POSTRIDER_CLIENT_H
#define POSTRIDER_CLIENT_H

#include <json-c/json.h>
#include <stddef.h>

#include "command.h"

/*
 * COMMAND_DONE: 2xx, and *answer is its JSON, which the caller puts back
 * (json_object_put). Anything else was told on stderr, with the API's own words
 * where it had some, and *answer is NULL. `body` may be NULL; it stays the
 * caller's. `header` is one more header line, or NULL.
 */
struct client_call {
	const char *method;
	const char *path; /* with its query */
	struct json_object *body;
	const char *header;
};
enum command_status client_ask(const struct ctl *, const struct client_call *,
    struct json_object **answer);

/* GET, and no more. */
enum command_status client_get(const struct ctl *, const char *path,
    struct json_object **answer);

/*
 * Reads a stream until it ends, is cut, or `take` answers something else than 0.
 * COMMAND_DONE: it was read for a while.
 */
enum command_status client_stream(const struct ctl *, const char *path,
    int (*take)(void *arg, const char *bytes, size_t len), void *arg);

struct buffer;
/* Appends `?name=value`, or `&`: percent-encoded (RFC 3986 2.1). */
void client_add_query(struct buffer *path, const char *name, const char *value);
/* The same for a part of a path, in front of it a slash. */
void client_add_segment(struct buffer *path, const char *segment);

#endif
