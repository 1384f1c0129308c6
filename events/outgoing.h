/* SPDX-License-Identifier: MIT */
/*
 * What a client is yet to be sent: chunks in order, written by one writev(2) a
 * loop turn, as far as the client takes them.
 */
#ifndef POSTRIDER_OUTGOING_H
#define POSTRIDER_OUTGOING_H

#include <stddef.h>
#include <uv.h>

#include "chunk.h"

struct outgoing {
	uv_stream_t *stream; /* set by the owner */
	void (*drained)(struct outgoing *); /* all is written */
	void (*failed)(struct outgoing *); /* the stream takes no more */
	size_t bytes; /* of all chunks that are here */
	struct chunk **ring; /* `size` places, a power of two */
	size_t first, count, size;
	size_t writing; /* the first so many are being written */
	uv_write_t request;
};

/* Takes over the caller's hold of the chunk. */
void outgoing_add(struct outgoing *, struct chunk *);
/* Writes what waits; the callbacks come on a later turn. */
void outgoing_flush(struct outgoing *);
/* Forgets what was not begun. */
void outgoing_forget(struct outgoing *);
/* Frees all; only once the stream is closed. */
void outgoing_free(struct outgoing *);

#endif
