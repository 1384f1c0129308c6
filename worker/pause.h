/* SPDX-License-Identifier: MIT */
/*
 * What the operator has paused, as far as this worker knows: each heartbeat
 * tells, and a claim that was held. All mail: nothing is consumed. Domains: the
 * claim holds their mail, in Redis.
 */
#ifndef POSTRIDER_PAUSE_H
#define POSTRIDER_PAUSE_H

#include <stddef.h>
#include <stdint.h>

struct pause {
	int64_t since; /* Redis TIME, ms, of the pause of all mail; 0: none */
	size_t domains; /* whose mail is paused */
};

/* Says so in the log, once. */
void pause_set(struct pause *, const struct pause *now);

#endif
