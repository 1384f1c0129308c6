/* SPDX-License-Identifier: MIT */
/* The acks of one channel, said in as few frames as is right. */
#include "ack_window.h"

#include <stdlib.h>
#include <string.h>

enum {
	OUTSTANDING,
	WANTED,
	SETTLED
};

void
ack_window_clear(struct ack_window *w)
{
	free(w->settled);
	free(w->wanted);
	memset(w, 0, sizeof(*w));
}

static uint8_t *
flag(const struct ack_window *w, uint64_t tag)
{
	if (w->len == 0 || tag < w->first || tag - w->first >= w->len)
		return NULL;
	return &w->settled[(w->head + (size_t)(tag - w->first)) % w->size];
}

static void
grow(struct ack_window *w)
{
	size_t i, size = w->size > 0 ? 2 * w->size : 64;
	uint8_t *ring = malloc(size);

	if (ring == NULL)
		abort();
	for (i = 0; i < w->len; i++)
		ring[i] = w->settled[(w->head + i) % w->size];
	free(w->settled);
	w->settled = ring;
	w->size = size;
	w->head = 0;
}

void
ack_window_delivered(struct ack_window *w, uint64_t tag)
{
	if (w->len == w->size)
		grow(w);
	if (w->len == 0)
		w->first = tag;
	w->settled[(w->head + w->len++) % w->size] = OUTSTANDING;
}

void
ack_window_want(struct ack_window *w, uint64_t tag)
{
	uint8_t *state = flag(w, tag);

	if (state == NULL || *state != OUTSTANDING)
		return;
	if (w->wanted_len == w->wanted_size) {
		w->wanted_size = w->wanted_size > 0 ? 2 * w->wanted_size : 64;
		w->wanted =
		    realloc(w->wanted, w->wanted_size * sizeof(*w->wanted));
		if (w->wanted == NULL)
			abort();
	}
	*state = WANTED;
	w->wanted[w->wanted_len++] = tag;
}

/* Takes what is settled or wanted off the front; the last wanted tag, or 0. */
static uint64_t
advance(struct ack_window *w)
{
	uint64_t last = 0;

	while (w->len > 0 && w->settled[w->head] != OUTSTANDING) {
		if (w->settled[w->head] == WANTED)
			last = w->first;
		w->head = (w->head + 1) % w->size;
		w->len--;
		w->first++;
	}
	return last;
}

bool
ack_window_drop(struct ack_window *w, uint64_t tag)
{
	uint8_t *state = flag(w, tag);

	if (state == NULL || *state != OUTSTANDING)
		return false;
	*state = SETTLED;
	return true;
}

/* Drops from what is wanted what one ack of many has said. */
static void
drop_said(struct ack_window *w)
{
	size_t i, n = 0;

	for (i = 0; i < w->wanted_len; i++)
		if (flag(w, w->wanted[i]) != NULL)
			w->wanted[n++] = w->wanted[i];
	w->wanted_len = n;
}

int
ack_window_flush(struct ack_window *w, size_t keep,
    int (*write)(void *arg, uint64_t tag, bool multiple), void *arg)
{
	uint64_t upto = advance(w);
	size_t i, n;

	if (upto > 0) {
		drop_said(w);
		if (write(arg, upto, true) == -1)
			return -1;
	}
	if (w->wanted_len <= keep)
		return 0;
	n = w->wanted_len;
	w->wanted_len = 0;
	for (i = 0; i < n; i++) {
		*flag(w, w->wanted[i]) = SETTLED;
		if (write(arg, w->wanted[i], false) == -1)
			return -1;
	}
	return 0;
}
