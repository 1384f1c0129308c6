/* SPDX-License-Identifier: MIT */
/*
 * A header field that the sender of a mail has chosen. It is none of those that
 * we write, nor of those that say where a mail came from and how. Pure.
 */
#ifndef POSTRIDER_CUSTOM_HEADER_H
#define POSTRIDER_CUSTOM_HEADER_H

#include <stddef.h>

#define CUSTOM_HEADER_NAME_MAX 64 /* bytes */
#define CUSTOM_HEADER_VALUE_MAX 998 /* bytes: RFC 5322 2.1.1 */
#define CUSTOM_HEADERS_MAX 50 /* of one mail */

struct custom_header {
	char *name, *value; /* owned */
};

void custom_header_clear(struct custom_header *);

/* What is wrong with a text, its verb first ("must not ..."), or NULL. */
const char *custom_header_name_fault(const char *text, size_t len);
const char *custom_header_value_fault(const char *text, size_t len);

#endif
