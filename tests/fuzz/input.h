/* SPDX-License-Identifier: MIT */
/*
 * An input that is several values: fields with a separator between them that no
 * UTF-8 text holds, the last one up to the end. Missing fields are empty.
 */
#ifndef POSTRIDER_INPUT_H
#define POSTRIDER_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

#define INPUT_SEPARATOR 0xff

struct input {
	const uint8_t *at;
	size_t left;
};

/* The next byte; 0 when there is none. */
unsigned input_byte(struct input *);
/* Appends the next field's bytes. */
void input_field(struct input *, struct buffer *);
/* The same made a C string of UTF-8: what is no such character becomes `?`. */
void input_text(struct input *, struct buffer *);
/* Appends all that is left. */
void input_rest(struct input *, struct buffer *);

#endif
