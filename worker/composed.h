/* SPDX-License-Identifier: MIT */
/*
 * A message as it goes out, and no larger than what it is made of: text, and
 * files that become base64 only on their way.
 */
#ifndef POSTRIDER_COMPOSED_H
#define POSTRIDER_COMPOSED_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

/* A file whose lines of base64 stand before byte `at` of the text. */
struct composed_file {
	size_t at;
	const char *bytes; /* borrowed */
	size_t len;
};

/* The zero value is empty. */
struct composed {
	struct buffer text; /* canonical CRLF */
	struct composed_file *files; /* in the order of their places */
	size_t files_len;
};

void composed_free(struct composed *); /* leaves an empty one */
/* Ends the text so far with a file; its bytes are borrowed. */
void composed_add_file(struct composed *, const char *bytes, size_t len);
/* Puts bytes before all of it. */
void composed_prepend(struct composed *, const char *bytes, size_t len);
/* Takes away what was added to it when it had so many bytes of text. */
void composed_cut(struct composed *, size_t text_len);

/* Bytes of the whole message. */
size_t composed_len(const struct composed *);
/* Bytes of memory that it takes, with those of its files. */
size_t composed_size(const struct composed *);

/* Where one has come to who reads it from the start. */
struct composed_reader {
	const struct composed *composed; /* borrowed */
	size_t at; /* of the text */
	size_t file, file_at;
};
#define COMPOSED_LINE 78 /* bytes of base64 with their CR LF */
struct composed_reader composed_begin(const struct composed *);
/* All of the text up to the next file or the end; false: there is none. */
bool composed_read_text(struct composed_reader *, const char **bytes,
    size_t *len);
/* Whole lines of the file that comes now; 0: none, or no room for one. */
size_t composed_read_file(struct composed_reader *, char *out, size_t room);
bool composed_is_read(const struct composed_reader *);

#endif
