/* SPDX-License-Identifier: MIT */
/* From each @ back to where its local part begins. */
#include "mask.h"

#include <stdbool.h>
#include <string.h>

/* What stands between addresses, and no local part holds without quotes. */
static bool
is_delimiter(char c)
{
	return (unsigned char)c <= ' ' || strchr("\"()<>[],;:=@", c) != NULL;
}

/* Where the local part before `at` begins; not before `text`. */
static const char *
local_part(const char *text, const char *at)
{
	const char *from = at;

	if (from > text && from[-1] == '"') { /* "a b"@example.com */
		for (from--; from > text;)
			if (*--from == '"')
				break;
		return from;
	}
	while (from > text && !is_delimiter(from[-1]))
		from--;
	return from;
}

void
mask_addresses(struct buffer *out, const char *text)
{
	const char *at, *from;
	size_t shown;

	while ((at = strchr(text, '@')) != NULL) {
		from = local_part(text, at);
		/* No quote, and no letter beyond ASCII, which would be cut. */
		shown =
		    from < at && *from != '"' && (unsigned char)*from < 0x80 ?
		    1 :
		    0;
		buffer_add(out, text, (size_t)(from - text) + shown);
		if (from < at)
			buffer_add_text(out, "***");
		buffer_add_text(out, "@");
		text = at + 1;
	}
	buffer_add_text(out, text);
}
