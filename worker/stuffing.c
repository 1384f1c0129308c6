/* SPDX-License-Identifier: MIT */
/* Dot-stuffing, a piece at a time. */
#include "stuffing.h"

#include <string.h>

void
stuffing_begin(struct stuffing *stuffing, const struct composed *message)
{
	*stuffing = (struct stuffing){ .reader = composed_begin(message),
		.line_start = true };
}

/* Bytes from here to the end of the line, or of what may be taken. */
static size_t
line_piece(const struct stuffing *stuffing, size_t room)
{
	const size_t most = stuffing->len < room ? stuffing->len : room;
	const char *end = memchr(stuffing->bytes, '\n', most);

	return end == NULL ? most : (size_t)(end - stuffing->bytes) + 1;
}

/* Of the text at hand. */
static size_t
fill_text(struct stuffing *stuffing, char *out, size_t room)
{
	size_t n, filled = 0;

	while (stuffing->len > 0 && filled < room) {
		if (stuffing->line_start && stuffing->bytes[0] == '.') {
			if (room - filled < 2)
				break;
			out[filled++] = '.';
		}
		n = line_piece(stuffing, room - filled);
		memcpy(out + filled, stuffing->bytes, n);
		stuffing->line_start = stuffing->bytes[n - 1] == '\n';
		stuffing->bytes += n;
		stuffing->len -= n;
		filled += n;
	}
	return filled;
}

/* Lines of base64 begin with no dot. */
size_t
stuffing_fill(struct stuffing *stuffing, char *out, size_t room)
{
	size_t n, filled = 0;

	do {
		if (stuffing->len > 0 ||
		    composed_read_text(&stuffing->reader, &stuffing->bytes,
			&stuffing->len))
			n = fill_text(stuffing, out + filled, room - filled);
		else
			n = composed_read_file(&stuffing->reader, out + filled,
			    room - filled);
		filled += n;
	} while (n > 0);
	return filled;
}
