/* SPDX-License-Identifier: MIT */
/* The gate before every /api route. */
#include "auth.h"

#include <stddef.h>

enum auth_answer
auth_check(const struct config *config, const char *authorization)
{
	if (!config->auth_required)
		return AUTH_GRANTED;
	return authorization == NULL ? AUTH_MISSING : AUTH_INVALID;
}
