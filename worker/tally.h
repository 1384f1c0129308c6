/* SPDX-License-Identifier: MIT */
/*
 * How many mails had what become of them in each minute, gathered for the
 * record's table `tally`.
 */
#ifndef POSTRIDER_TALLY_H
#define POSTRIDER_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"

/* The zero value is an empty one. */
struct tally {
	struct tally_row {
		int64_t minute; /* ms */
		const char *what; /* a constant */
		int64_t delay; /* ms */
		int64_t count;
	} * rows;
	size_t len, size;
};

/* `delay`: ms, is brought to its class. `what` is a constant text. */
void tally_add(struct tally *, int64_t at, const char *what, int64_t delay);
/* Adds it to what is in the record. As record_run(). */
int tally_write(const struct tally *, struct record *);
void tally_free(struct tally *);

/*
 * The shortest delay of a class: eight classes for each power of two, so that it
 * is off by an eighth at most.
 */
int64_t tally_class(int64_t delay);

#endif
