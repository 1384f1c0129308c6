/* SPDX-License-Identifier: MIT */
/*
 * Bytes to be sent, made once and shared by all who are sent them. They do not
 * change once a second holder has them.
 */
#ifndef POSTRIDER_CHUNK_H
#define POSTRIDER_CHUNK_H

#include <stddef.h>

struct chunk {
	unsigned holders;
	size_t len;
	char data[];
};

struct chunk *chunk_new(size_t len); /* one holder, bytes to be filled in */
struct chunk *chunk_of(const void *bytes, size_t len);
struct chunk *chunk_hold(struct chunk *); /* one holder more */
void chunk_drop(struct chunk *); /* one less, the last frees it; NULL: none */

#endif
