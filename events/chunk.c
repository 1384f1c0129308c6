/* SPDX-License-Identifier: MIT */
#include "chunk.h"

#include <stdlib.h>
#include <string.h>

struct chunk *
chunk_new(size_t len)
{
	struct chunk *chunk = malloc(sizeof(*chunk) + len);

	if (chunk == NULL)
		abort();
	chunk->holders = 1;
	chunk->len = len;
	return chunk;
}

struct chunk *
chunk_of(const void *bytes, size_t len)
{
	struct chunk *chunk = chunk_new(len);

	memcpy(chunk->data, bytes, len);
	return chunk;
}

struct chunk *
chunk_hold(struct chunk *chunk)
{
	chunk->holders++;
	return chunk;
}

void
chunk_drop(struct chunk *chunk)
{
	if (chunk != NULL && --chunk->holders == 0)
		free(chunk);
}
