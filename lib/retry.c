/* SPDX-License-Identifier: MIT */
/* The backoff: exponential, capped, jittered. Pure. */
#include "retry.h"

/* Keeps the jitter's product within 64 bits: 34 years. */
#define RETRY_DELAY_MAX (INT64_C(1) << 40)

int64_t
retry_delay(const struct retry_policy *policy, unsigned failures,
    uint32_t random)
{
	const int64_t cap =
	    policy->cap < RETRY_DELAY_MAX ? policy->cap : RETRY_DELAY_MAX;
	int64_t delay = policy->base < 1 ? 1 : policy->base;
	int64_t half, jitter;

	for (; failures > 1 && delay < cap; failures--)
		delay *= RETRY_FACTOR;
	if (delay > cap)
		delay = cap;
	/* -half..+half, evenly: the high 16 bits pick one of 65536 places. */
	half = delay * RETRY_JITTER_PERCENT / 100;
	jitter = ((2 * half + 1) * (int64_t)(random >> 16) >> 16) - half;
	delay += jitter;
	return delay < 1 ? 1 : delay;
}
