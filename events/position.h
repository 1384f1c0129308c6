/* SPDX-License-Identifier: MIT */
/*
 * A place in the stream job_events: the id of an entry, `<ms>-<n>`, or 0-0,
 * which is before all of them. Pure.
 */
#ifndef POSTRIDER_POSITION_H
#define POSTRIDER_POSITION_H

#include <stddef.h>
#include <stdint.h>

struct position {
	uint64_t ms, n;
};

#define POSITION_SIZE sizeof("18446744073709551615-18446744073709551615")

/* 0, or -1 when the text is no id; `<ms>` alone is not one either. */
int position_parse(struct position *, const char *text, size_t len);
void position_format(char text[POSITION_SIZE], struct position);
/* Negative, 0, positive: before, the same, after. */
int position_compare(struct position, struct position);

#endif
