/* SPDX-License-Identifier: MIT */
/*
 * Settling one claim of a worker that cannot do so itself: by what its journal
 * has of it, else as unsent where that is sure, else as unknown.
 */
#ifndef POSTRIDER_RESCUE_H
#define POSTRIDER_RESCUE_H

#include <stdbool.h>
#include <stdint.h>

struct journal_entry;
struct worker;

enum rescue_result {
	RESCUE_SETTLED,
	RESCUE_NOTHING, /* it is not that owner's, or was refused (logged) */
	RESCUE_ABORTED /* the process ends */
};

/* All is copied but `done` (may be NULL), which comes on a later turn. */
struct rescue_job {
	const char *id, *owner;
	int64_t claim_seq;
	const char *to, *results; /* JSON, as the job has them; may be NULL */
	const struct journal_entry *entry; /* NULL: the journal has none */
	bool unsent; /* with no entry, that proves that no dot was sent */
	bool late; /* the owner holds it no more: the entry is proof of 2xx */
	void (*done)(void *arg, enum rescue_result);
	void *arg;
};
void rescue_start(struct worker *, const struct rescue_job *);

#endif
