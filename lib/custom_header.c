/* SPDX-License-Identifier: MIT */
/* Names and values of header fields that a sender may choose. */
#include "custom_header.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "characters.h"
#include "literal.h"

/* A name that ends with a hyphen stands for all that begin so. */
static const char *const reserved[] = { "From", "Sender", "To", "Cc", "Bcc",
	"Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "MIME-",
	"Content-", "Received", "Return-Path", "DKIM-", "ARC-",
	"Authentication-Results", "Resent-" };

void
custom_header_clear(struct custom_header *header)
{
	free(header->name);
	free(header->value);
	header->name = header->value = NULL;
}

static bool
is_reserved(const char *name, size_t len)
{
	size_t i, n;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		n = strlen(reserved[i]);
		if (strncasecmp(name, reserved[i], n) == 0 &&
		    (n == len || reserved[i][n - 1] == '-'))
			return true;
	}
	return false;
}

const char *
custom_header_name_fault(const char *text, size_t len)
{
	if (len == 0 || len > CUSTOM_HEADER_NAME_MAX ||
	    strspn(text,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-") != len)
		return "is no name of a header field: 1 to " LITERAL(
		    CUSTOM_HEADER_NAME_MAX) " letters, digits and hyphens";
	if (is_reserved(text, len))
		return "is a header field that is not for you to set";
	return NULL;
}

const char *
custom_header_value_fault(const char *text, size_t len)
{
	if (len == 0 || len > CUSTOM_HEADER_VALUE_MAX)
		return "must have 1 to " LITERAL(
		    CUSTOM_HEADER_VALUE_MAX) " bytes";
	if (!characters_are(text, len, CHARACTERS_LINE))
		return "must not hold line breaks, other control characters or "
		       "bidi controls";
	return NULL;
}
