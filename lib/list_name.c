/* SPDX-License-Identifier: MIT */
/* Letters, digits and what does not divide words. */
#include "list_name.h"

#include <string.h>

static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz0123456789-_.";

bool
list_name_is_valid(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (memchr(allowed, text[i], sizeof(allowed) - 1) == NULL)
			return false;
	return len >= 1 && len <= LIST_NAME_MAX;
}
