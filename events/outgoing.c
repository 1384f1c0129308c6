/* SPDX-License-Identifier: MIT */
/* A ring of chunks, and at most one write of its first ones under way. */
#include "outgoing.h"

#include <stdbool.h>
#include <stdlib.h>

#define FIRST_SIZE 4
#define WRITE_MAX 64 /* chunks a write */

static struct chunk **
place(struct outgoing *out, size_t n)
{
	return &out->ring[(out->first + n) & (out->size - 1)];
}

static void
grow(struct outgoing *out)
{
	const size_t size = out->size == 0 ? FIRST_SIZE : 2 * out->size;
	struct chunk **ring = malloc(size * sizeof(*ring));
	size_t i;

	if (ring == NULL)
		abort();
	for (i = 0; i < out->count; i++)
		ring[i] = *place(out, i);
	free(out->ring);
	out->ring = ring;
	out->first = 0;
	out->size = size;
}

void
outgoing_add(struct outgoing *out, struct chunk *chunk)
{
	if (out->count == out->size)
		grow(out);
	*place(out, out->count++) = chunk;
	out->bytes += chunk->len;
}

static void
drop_first(struct outgoing *out)
{
	struct chunk *chunk = *place(out, 0);

	out->first = (out->first + 1) & (out->size - 1);
	out->count--;
	out->bytes -= chunk->len;
	chunk_drop(chunk);
}

static void
on_written(uv_write_t *request, int status)
{
	struct outgoing *out = request->data;

	for (; out->writing > 0; out->writing--)
		drop_first(out);
	if (status == UV_ECANCELED)
		return; /* the stream is being closed */
	if (status != 0) {
		out->failed(out);
		return;
	}
	if (out->count > 0) {
		outgoing_flush(out);
		return;
	}
	free(out->ring); /* many clients are idle, mostly */
	out->ring = NULL;
	out->size = 0;
	out->drained(out);
}

void
outgoing_flush(struct outgoing *out)
{
	uv_buf_t buffers[WRITE_MAX];
	struct chunk *chunk;
	unsigned n;

	if (out->writing > 0 || out->count == 0)
		return;
	for (n = 0; n < WRITE_MAX && n < out->count; n++) {
		chunk = *place(out, n);
		buffers[n] = uv_buf_init(chunk->data, (unsigned)chunk->len);
	}
	out->request.data = out;
	if (uv_write(&out->request, out->stream, buffers, n, on_written) != 0)
		out->failed(out);
	else
		out->writing = n;
}

void
outgoing_forget(struct outgoing *out)
{
	struct chunk *chunk;

	while (out->count > out->writing) {
		chunk = *place(out, --out->count);
		out->bytes -= chunk->len;
		chunk_drop(chunk);
	}
}

void
outgoing_free(struct outgoing *out)
{
	while (out->count > 0)
		drop_first(out);
	free(out->ring);
}
