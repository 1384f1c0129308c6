/* SPDX-License-Identifier: MIT */
/*
 * A hint for a job that nobody has in hand: published, and struck from the
 * outbox once the broker has it. Unconfirmed, the outbox keeps it.
 */
#ifndef POSTRIDER_REPUBLISH_H
#define POSTRIDER_REPUBLISH_H

#include "hint.h"

struct worker;

/* Copies what it needs; nobody waits for the end. */
void republish_hint(struct worker *, const struct hint_parts *);
/* For who published it himself: the broker has the hint for that time. */
void republish_confirmed(struct worker *, const char *id, int64_t next_at);

#endif
