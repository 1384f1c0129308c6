/* SPDX-License-Identifier: MIT */
/*
 * Where another page of a list begins: behind this job. What clients get is
 * opaque, base64url (RFC 4648 section 5, no padding) of "created_at:id", and of
 * ">created_at:id" for the jobs that are newer than it. Pure.
 */
#ifndef POSTRIDER_CURSOR_H
#define POSTRIDER_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "id.h"

#define CURSOR_PLAIN_MAX (21 + ID_MAX) /* '>', int64_t, ':', id */
#define CURSOR_SIZE ((CURSOR_PLAIN_MAX + 2) / 3 * 4 + 1)

struct cursor {
	int64_t created_at; /* ms */
	char id[ID_MAX + 1];
	bool newer; /* else older */
};

void cursor_encode(const struct cursor *, char text[CURSOR_SIZE]);
/* 0, or -1 when `text` is none of ours and *cursor is undefined. */
int cursor_decode(struct cursor *, const char *text, size_t len);

#endif
