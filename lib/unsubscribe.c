/* SPDX-License-Identifier: MIT */
/* RFC 8058 3.1: https it must be; the rest is for who wrote it to know. */
#include "unsubscribe.h"

#include <string.h>
#include <strings.h>

#include "literal.h"

const char *
unsubscribe_url_fault(const char *text, size_t len)
{
	static const char scheme[] = "https://";
	size_t i;

	if (len <= sizeof(scheme) - 1 || len > UNSUBSCRIBE_URL_MAX ||
	    strncasecmp(text, scheme, sizeof(scheme) - 1) != 0)
		return "must be an https URL of at most " LITERAL(
		    UNSUBSCRIBE_URL_MAX) " bytes";
	/* What would end it in the field, or is no URL (RFC 3986 2). */
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~' ||
		    strchr("<>\"\\^`{|}", text[i]) != NULL)
			return "must have URL characters only, others as %XX";
	return NULL;
}
