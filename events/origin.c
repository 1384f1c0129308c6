/* SPDX-License-Identifier: MIT */
#include "origin.h"

#include <string.h>
#include <strings.h>

/*
 * Its host and port are those that were asked for. Its scheme may differ: TLS
 * ends at the web server.
 */
static bool
is_own(const struct http_text *origin, const struct http_text *host)
{
	const char *found = memmem(origin->at, origin->len, "://", 3);
	size_t before;

	if (found == NULL || host == NULL)
		return false;
	before = (size_t)(found - origin->at) + 3;
	return host->len > 0 && origin->len - before == host->len &&
	    strncasecmp(origin->at + before, host->at, host->len) == 0;
}

bool
origin_is_allowed(const char *allowed, const struct http_text *origin,
    const struct http_text *host)
{
	size_t len;

	if (origin == NULL || is_own(origin, host))
		return true;
	for (; *allowed != '\0'; allowed += len + (allowed[len] == ',')) {
		len = strcspn(allowed, ",");
		if ((len == 1 && *allowed == '*') ||
		    (len == origin->len &&
			strncasecmp(allowed, origin->at, len) == 0))
			return true;
	}
	return false;
}
