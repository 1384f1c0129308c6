/* SPDX-License-Identifier: MIT */
/*
 * Writes what becomes of mails into the record (DATABASE_URL), from the jobs'
 * states in Redis: on a thread and on connections of its own, since SQL blocks.
 * Nothing waits for it: while the record is away, ids gather in record:dirty.
 */
#ifndef POSTRIDER_RECORDER_H
#define POSTRIDER_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "outage.h"

struct recorder;

/* `owner` is borrowed. NULL when no thread can be had. */
struct recorder *recorder_new(const struct config *, const char *owner);
/* Waits for what it has in hand, RECORD_TIMEOUT at most; also NULL. */
void recorder_free(struct recorder *);

struct recorder_status {
	bool up;
	int64_t
	    waiting; /* jobs, when this worker last recorded; -1: another does */
	char why[OUTAGE_WHY_SIZE]; /* why it is away, "" */
};
void recorder_get_status(struct recorder *, struct recorder_status *);

#endif
