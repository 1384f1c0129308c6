/* SPDX-License-Identifier: MIT */
/*
 * A growing run of bytes, always NUL-terminated behind its length. Running out
 * of memory ends the program (abort): no caller could do anything better.
 */
#ifndef POSTRIDER_BUFFER_H
#define POSTRIDER_BUFFER_H

#include <stddef.h>
#include <stdint.h>

/* The zero value is an empty buffer. */
struct buffer {
	char *data; /* NULL until the first byte; owned */
	size_t len;
	size_t size;
};

void buffer_free(struct buffer *); /* leaves an empty buffer */
void buffer_clear(struct buffer *); /* length 0, memory kept */
void buffer_reserve(struct buffer *, size_t more);
void buffer_add(struct buffer *, const void *bytes, size_t len);
void buffer_add_text(struct buffer *, const char *text);
void buffer_add_number(struct buffer *, int64_t number);
void buffer_printf(struct buffer *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes the first `len` bytes away. */
void buffer_drop(struct buffer *, size_t len);
/* The bytes as a C string that the caller frees; the buffer is empty after. */
char *buffer_take(struct buffer *);

/*
 * A JSON string (RFC 8259 section 7) with its quotes. Bytes that are not UTF-8
 * (a relay's reply may hold any) become U+FFFD, so the result is always JSON.
 */
void buffer_add_json(struct buffer *, const char *text, size_t len);
/* The same for a C string; NULL gives `null`. */
void buffer_add_json_text(struct buffer *, const char *text);

/* Text as it is; bytes that are not UTF-8, and NUL, become U+FFFD. */
void buffer_add_utf8(struct buffer *, const char *text, size_t len);

/*
 * Outside text as a person or a log may see it: quotes, backslashes, control
 * bytes (C0, DEL, C1) and what is not UTF-8 are escaped, as in C. Adds at most
 * `max` bytes, whole characters only; what does not fit becomes "...".
 */
void buffer_add_escaped(struct buffer *, const char *text, size_t len,
    size_t max);

#endif
