/* SPDX-License-Identifier: MIT */
/*
 * fuzz.stuffing: whatever the pieces, the receiver takes the dots away and has
 * the message, and no line of it reads as the end of the mail (RFC 5321 4.5.2)
 * even to one that takes a bare LF for a line's end.
 * Input: a byte for the pieces' sizes, the message.
 */
#include <string.h>

#include "buffer.h"
#include "fuzz.h"
#include "input.h"
#include "stuffing.h"

/* In pieces of 2 bytes and up; `step` makes them differ. */
static void
stuff(struct buffer *wire, const struct composed *message, unsigned step)
{
	struct stuffing stuffing;
	unsigned size = step;
	char piece[300];
	size_t n;

	stuffing_begin(&stuffing, message);
	while (!stuffing_is_done(&stuffing)) {
		size = (size + step) % 256;
		n = stuffing_fill(&stuffing, piece, 2 + size);
		CHECK(n > 0 && n <= 2 + size);
		buffer_add(wire, piece, n);
	}
}

/* What a receiver makes of it. */
static void
unstuff(struct buffer *message, const struct buffer *wire)
{
	int line_start = 1;
	size_t i;

	for (i = 0; i < wire->len; i++) {
		if (!line_start || wire->data[i] != '.')
			buffer_add(message, &wire->data[i], 1);
		line_start = wire->data[i] == '\n';
	}
}

static void
check_no_end(const struct buffer *wire)
{
	static const char *const ends[] = { "\n.\r", "\n.\n" };
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		CHECK(memmem(wire->data, wire->len, ends[i], 3) == NULL);
	CHECK(wire->len < 2 || wire->data[0] != '.' || wire->data[1] == '.');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct buffer wire = { 0 }, whole = { 0 }, back = { 0 };
	struct composed message = { 0 };
	unsigned step = input_byte(&input);

	input_rest(&input, &message.text);
	if (message.text.len > 0) {
		stuff(&wire, &message, step);
		stuff(&whole, &message, 255);
		CHECK(wire.len > 0 && wire.len == whole.len);
		CHECK(memcmp(wire.data, whole.data, wire.len) == 0);
		check_no_end(&wire);
		unstuff(&back, &wire);
		CHECK(back.len == message.text.len);
		CHECK(memcmp(back.data, message.text.data, back.len) == 0);
	}
	composed_free(&message);
	buffer_free(&wire);
	buffer_free(&whole);
	buffer_free(&back);
	return 0;
}
