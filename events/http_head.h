/* SPDX-License-Identifier: MIT */
/*
 * The head of an HTTP/1.x request (RFC 9112 2 to 6), as far as three GET paths
 * need it: there is no body, and what could be read in two ways is refused.
 * Pure; texts point into the bytes that were parsed.
 */
#ifndef POSTRIDER_HTTP_HEAD_H
#define POSTRIDER_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "buffer.h"

#define HTTP_HEAD_MAX 16384 /* bytes, as lighttpd's are */
#define HTTP_HEADERS_MAX 100

struct http_text {
	const char *at;
	size_t len;
};

struct http_head {
	struct http_text method, path, query; /* query: without its `?` */
	bool is_1_1;
	struct http_header {
		struct http_text name, value;
	} headers[HTTP_HEADERS_MAX];
	size_t count;
};

/* Bytes of the head; 0: it is not whole yet; -1: it is none that we take. */
ssize_t http_head_parse(struct http_head *, const char *bytes, size_t len);

/* The value of a header that occurs once; NULL: there is none. */
const struct http_text *http_head_find(const struct http_head *,
    const char *name);
/* Whether a token is in a header's comma lists, letter case aside. */
bool http_head_has_token(const struct http_head *, const char *name,
    const char *token);
/*
 * The next value of a query parameter, decoded, from `*at` on (0 at first).
 * false: there is none any more.
 */
bool http_head_query(const struct http_head *, const char *name, size_t *at,
    struct buffer *value);

bool http_text_is(const struct http_text *, const char *word);

#endif
