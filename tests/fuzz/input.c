/* SPDX-License-Identifier: MIT */
/* Takes inputs apart. */
#include "input.h"

#include <string.h>

#include "utf8.h"

unsigned
input_byte(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->at++;
}

void
input_rest(struct input *input, struct buffer *out)
{
	buffer_add(out, input->at, input->left);
	input->left = 0;
}

void
input_field(struct input *input, struct buffer *out)
{
	const uint8_t *end = input->left == 0 ?
	    NULL :
	    memchr(input->at, INPUT_SEPARATOR, input->left);
	size_t len;

	if (end == NULL) {
		input_rest(input, out);
		return;
	}
	len = (size_t)(end - input->at);
	buffer_add(out, input->at, len);
	input->at += len + 1;
	input->left -= len + 1;
}

void
input_text(struct input *input, struct buffer *out)
{
	struct buffer field = { 0 };
	size_t at, n;

	input_field(input, &field);
	buffer_reserve(out, field.len);
	for (at = 0; at < field.len; at += n) {
		n = utf8_next(field.data + at, field.len - at, NULL);
		if (n == 0 || field.data[at] == '\0') {
			buffer_add(out, "?", 1);
			n = 1;
			continue;
		}
		buffer_add(out, field.data + at, n);
	}
	buffer_free(&field);
}
