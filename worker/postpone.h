/* SPDX-License-Identifier: MIT */
/*
 * A mail that waits and cannot be sent now goes up the delay ladder, unclaimed:
 * no attempt is counted, no session is held, and the time does not count towards
 * giving up.
 */
#ifndef POSTRIDER_POSTPONE_H
#define POSTRIDER_POSTPONE_H

#include <stdint.h>

struct delivery;

/* ms, for a mail whose relays are all down: they are tried meanwhile. */
#define POSTPONE_RELAY 10000

/* By `delay` ms; then the delivery is over. */
void delivery_postpone(struct delivery *, int64_t delay);

#endif
