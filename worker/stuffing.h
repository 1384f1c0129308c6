/* SPDX-License-Identifier: MIT */
/*
 * A message's bytes as they go over the wire after DATA: a dot at the start of
 * a line is doubled (RFC 5321 4.5.2), nothing else is touched. The final
 * ".\r\n" is not part of it. Pure.
 */
#ifndef POSTRIDER_STUFFING_H
#define POSTRIDER_STUFFING_H

#include <stdbool.h>
#include <stddef.h>

#include "composed.h"

struct stuffing {
	struct composed_reader reader;
	const char *bytes; /* of the text, borrowed: what comes first */
	size_t len;
	bool line_start;
};

/* The message is borrowed. */
void stuffing_begin(struct stuffing *, const struct composed *message);

/* Writes up to `room` (>= COMPOSED_LINE) bytes to `out`; how many. */
size_t stuffing_fill(struct stuffing *, char *out, size_t room);

static inline bool
stuffing_is_done(const struct stuffing *stuffing)
{
	return stuffing->len == 0 && composed_is_read(&stuffing->reader);
}

#endif
