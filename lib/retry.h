/* SPDX-License-Identifier: MIT */
/*
 * When to try again. Pure: the caller brings the random number.
 * delay = base * factor^(failures - 1), capped, then +- 20 % jitter.
 */
#ifndef POSTRIDER_RETRY_H
#define POSTRIDER_RETRY_H

#include <stdint.h>

#define RETRY_FACTOR 4
#define RETRY_JITTER_PERCENT 20

struct retry_policy {
	int64_t base; /* ms: the pause after the first failure (RETRY_BASE) */
	int64_t cap; /* ms: the longest pause before jitter (RETRY_CAP) */
};

/*
 * ms to wait after `failures` failed attempts in a row (>= 1), 1 ms at the
 * least; `random` is any 32 random bits.
 */
int64_t retry_delay(const struct retry_policy *, unsigned failures,
    uint32_t random);

#endif
