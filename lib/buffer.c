/* SPDX-License-Identifier: MIT */
/*
 * Growing bytes, and the two ways in which outside text gets into ours: as JSON
 * and escaped for people. It knows nothing of what the bytes mean.
 */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_plain.h"
#include "utf8.h"

#define BUFFER_FIRST 64 /* bytes of the first allocation */

void
buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(*buffer));
}

void
buffer_clear(struct buffer *buffer)
{
	buffer->len = 0;
	if (buffer->data != NULL)
		buffer->data[0] = '\0';
}

void
buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t size;
	char *data;

	if (more < buffer->size - buffer->len)
		return;
	if (more >= SIZE_MAX / 2 - buffer->len)
		abort();
	size = buffer->size == 0 ? BUFFER_FIRST : buffer->size * 2;
	if (size <= buffer->len + more)
		size = buffer->len + more + 1; /* a large piece, as it is */
	data = realloc(buffer->data, size);
	if (data == NULL)
		abort();
	buffer->data = data;
	buffer->size = size;
	data[buffer->len] = '\0';
}

void
buffer_add(struct buffer *buffer, const void *bytes, size_t len)
{
	buffer_reserve(buffer, len);
	if (len > 0)
		memcpy(buffer->data + buffer->len, bytes, len);
	buffer->len += len;
	buffer->data[buffer->len] = '\0';
}

void
buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void
buffer_add_number(struct buffer *buffer, int64_t number)
{
	char digits[24];
	char *first = digits + sizeof(digits);
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do {
		*--first = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		*--first = '-';
	buffer_add(buffer, first, (size_t)(digits + sizeof(digits) - first));
}

void
buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0) /* a result over INT_MAX bytes, or a bad format */
		abort();
	buffer_reserve(buffer, (size_t)len);
	va_start(args, format);
	(void)vsnprintf(buffer->data + buffer->len, (size_t)len + 1, format,
	    args); /* the same arguments: the same length */
	va_end(args);
	buffer->len += (size_t)len;
}

void
buffer_drop(struct buffer *buffer, size_t len)
{
	if (len >= buffer->len) {
		buffer_clear(buffer);
		return;
	}
	memmove(buffer->data, buffer->data + len, buffer->len - len + 1);
	buffer->len -= len;
}

char *
buffer_take(struct buffer *buffer)
{
	char *data;

	buffer_reserve(buffer, 0); /* even an empty one is a string */
	data = buffer->data;
	memset(buffer, 0, sizeof(*buffer));
	return data;
}

/* The two-byte escape that JSON and C share, or NULL. */
static const char *
short_escape(char byte)
{
	switch (byte) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\b':
		return "\\b";
	case '\f':
		return "\\f";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

/* One character that is not plain; returns how many bytes it took. */
static size_t
json_special(struct buffer *buffer, const char *text, size_t len)
{
	const char *escape = short_escape(text[0]);
	size_t length = utf8_next(text, len, NULL);

	if (length == 0) {
		buffer_add_text(buffer, "\xef\xbf\xbd");
		return 1;
	}
	if (length > 1)
		buffer_add(buffer, text, length);
	else if (escape != NULL)
		buffer_add(buffer, escape, 2);
	else
		buffer_printf(buffer, "\\u%04x", (unsigned char)text[0]);
	return length;
}

void
buffer_add_json(struct buffer *buffer, const char *text, size_t len)
{
	size_t run;

	buffer_reserve(buffer, len + 2);
	buffer_add(buffer, "\"", 1);
	while (len > 0) {
		run = json_plain_run(text, len);
		if (run > 0)
			buffer_add(buffer, text, run);
		else
			run = json_special(buffer, text, len);
		text += run;
		len -= run;
	}
	buffer_add(buffer, "\"", 1);
}

void
buffer_add_json_text(struct buffer *buffer, const char *text)
{
	if (text == NULL)
		buffer_add_text(buffer, "null");
	else
		buffer_add_json(buffer, text, strlen(text));
}

void
buffer_add_utf8(struct buffer *buffer, const char *text, size_t len)
{
	size_t length;

	buffer_reserve(buffer, len);
	for (; len > 0; text += length, len -= length) {
		length = text[0] != '\0' ? utf8_next(text, len, NULL) : 0;
		if (length > 0) {
			buffer_add(buffer, text, length);
			continue;
		}
		length = 1;
		buffer_add_text(buffer, "\xef\xbf\xbd");
	}
}

/*
 * One character, escaped, into `piece`; returns how many bytes of `text` it
 * took.
 */
static size_t
escape_next(struct buffer *piece, const char *text, size_t len)
{
	const char *escape = short_escape(text[0]);
	uint32_t point = 0;
	size_t length = utf8_next(text, len, &point);
	size_t i;

	if (escape != NULL) {
		buffer_add(piece, escape, 2);
		return 1;
	}
	if (length > 0 && point >= 0x20 && (point < 0x7f || point > 0x9f)) {
		buffer_add(piece, text, length);
		return length;
	}
	if (length == 0)
		length = 1;
	for (i = 0; i < length; i++)
		buffer_printf(piece, "\\x%02x", (unsigned char)text[i]);
	return length;
}

void
buffer_add_escaped(struct buffer *buffer, const char *text, size_t len,
    size_t max)
{
	static const char cut[] = "...";
	const size_t begin = buffer->len;
	size_t fits = begin; /* how far it may reach if the rest is cut */

	buffer_reserve(buffer, 0);
	while (len > 0) {
		size_t taken = escape_next(buffer, text, len);

		text += taken;
		len -= taken;
		if (buffer->len - begin > max)
			break;
		if (buffer->len - begin + strlen(cut) <= max)
			fits = buffer->len;
	}
	if (buffer->len - begin <= max)
		return;
	buffer->len = fits;
	if (max >= strlen(cut))
		buffer_add_text(buffer, cut);
	buffer->data[buffer->len] = '\0';
}
