/* SPDX-License-Identifier: MIT */
/* For tests: a composed message in one piece, as a relay gets it. */
#ifndef POSTRIDER_TESTS_FLATTEN_H
#define POSTRIDER_TESTS_FLATTEN_H

#include "composed.h"

static inline void
flatten(const struct composed *composed, struct buffer *out)
{
	struct composed_reader reader = composed_begin(composed);
	char lines[3 * COMPOSED_LINE];
	const char *bytes;
	size_t len;

	buffer_reserve(out, composed_len(composed));
	while (!composed_is_read(&reader)) {
		if (!composed_read_text(&reader, &bytes, &len)) {
			len = composed_read_file(&reader, lines, sizeof(lines));
			bytes = lines;
		}
		buffer_add(out, bytes, len);
	}
}

#endif
