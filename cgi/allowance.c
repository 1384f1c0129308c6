/* SPDX-License-Identifier: MIT */
#include "allowance.h"

enum allowance_answer
allowance_take(struct allowance *allowance, int64_t n, int64_t now)
{
	if (now >= allowance->ends_at)
		allowance->have = 0;
	if (allowance->have >= n) {
		allowance->have -= n;
		return ALLOWANCE_TAKEN;
	}
	return now < allowance->denied_until ? ALLOWANCE_DENIED : ALLOWANCE_ASK;
}

void
allowance_fill(struct allowance *allowance, const struct allowance_grant *grant,
    int64_t now)
{
	if (now >= allowance->ends_at)
		allowance->have = 0;
	allowance->have += grant->granted;
	allowance->left = grant->left;
	allowance->full_at = now + grant->full_in;
	allowance->ends_at = now + grant->good_for;
	allowance->denied_until =
	    grant->granted < grant->wanted ? now + grant->more_in : 0;
}

void
allowance_return(struct allowance *allowance, int64_t n)
{
	allowance->have += n;
}

int64_t
allowance_left(const struct allowance *allowance)
{
	return allowance->have + allowance->left;
}
