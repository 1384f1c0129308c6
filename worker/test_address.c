/* SPDX-License-Identifier: MIT */
/* Addresses that fail on purpose. */
#include "test_address.h"

#include <stdio.h>
#include <string.h>

#define FAILS_ONCE "error-1@email.com"
#define FAILS_ALWAYS "error@email.com"
#define LAST_ATTEMPT 3

static bool
is_waiting(const struct job *job, const char *address)
{
	size_t i;

	for (i = 0; i < job->recipients_len; i++)
		if (job->recipients[i].state == RECIPIENT_WAITING &&
		    strcmp(job->recipients[i].address, address) == 0)
			return true;
	return false;
}

bool
test_address_outcome(const struct job *job, int64_t attempt,
    enum outcome *outcome, char *text, size_t size)
{
	bool always = is_waiting(job, FAILS_ALWAYS);

	if (!always && (attempt > 1 || !is_waiting(job, FAILS_ONCE)))
		return false;
	*outcome = always && attempt >= LAST_ATTEMPT ? OUTCOME_REJECTED :
						       OUTCOME_DEFERRED;
	snprintf(text, size, "Simulated failure %d for %s (TEST_ADDRESSES=on)",
	    (int)attempt, always ? FAILS_ALWAYS : FAILS_ONCE);
	return true;
}
