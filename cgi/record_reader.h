/* SPDX-License-Identifier: MIT */
/*
 * Questions to the record, on threads that have a connection each: SQL blocks,
 * RECORD_TIMEOUT at most, and must hold up nobody else.
 */
#ifndef POSTRIDER_RECORD_READER_H
#define POSTRIDER_RECORD_READER_H

#include "config.h"
#include "outage.h"
#include "record.h"

/* One question; borrowed until `run` is called, exactly once. */
struct record_read {
	struct record_read *next; /* the reader's own */
	/*
	 * On the reader's thread; `record` NULL: it is away. A failure is seen
	 * by record_why() after it.
	 */
	void (*run)(struct record_read *, struct record *);
};

struct record_reader;

enum record_reader_state {
	RECORD_READER_IDLE, /* nothing was asked yet */
	RECORD_READER_UP,
	RECORD_READER_DOWN, /* for one thread at least; it tries again */
	RECORD_READER__MAX
};
extern const char *const record_reader_state_names[RECORD_READER__MAX];

struct record_reader_status {
	enum record_reader_state state;
	char why[OUTAGE_WHY_SIZE]; /* it is down, "" */
};

/* NULL when no thread can be had. */
struct record_reader *record_reader_new(const struct config *);
void record_reader_free(struct record_reader *); /* nothing waits; also NULL */

void record_reader_get_status(struct record_reader *,
    struct record_reader_status *); /* thread-safe */

/* Thread-safe. In order of arrival. */
void record_reader_send(struct record_reader *, struct record_read *);

#endif
