/* SPDX-License-Identifier: MIT */
/*
 * Which deliveries of a channel are settled, so that a run of acks can be said
 * as one: AMQP's basic.ack with `multiple` takes all up to its tag. Pure.
 */
#ifndef POSTRIDER_ACK_WINDOW_H
#define POSTRIDER_ACK_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The zero value is a channel without deliveries. */
struct ack_window {
	uint64_t first; /* the lowest tag that is not settled, or 0 */
	uint8_t *settled; /* ring: one flag a tag from `first` on */
	size_t head, len, size;
	uint64_t *wanted; /* acks asked for, not yet said */
	size_t wanted_len, wanted_size;
};

void ack_window_clear(struct ack_window *); /* frees; the zero value */
/* Tags come one after the other, from 1 on. */
void ack_window_delivered(struct ack_window *, uint64_t tag);
/* An ack is to be written. A tag that is not outstanding is ignored. */
void ack_window_want(struct ack_window *, uint64_t tag);
/* Settled some other way (reject). False: it was not outstanding. */
bool ack_window_drop(struct ack_window *, uint64_t tag);

/*
 * Calls `write` for what was wanted: at most once with `multiple`, then for the
 * others one by one, unless these are `keep` or fewer: they are kept for a
 * later call, when one ack may say them together. Stops and returns -1 when it
 * does.
 */
int ack_window_flush(struct ack_window *, size_t keep,
    int (*write)(void *arg, uint64_t tag, bool multiple), void *arg);

#endif
