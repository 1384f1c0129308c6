/* SPDX-License-Identifier: MIT */
/* Text with places for files, and reading both in their order. */
#include "composed.h"

#include <stdlib.h>
#include <string.h>

#include "base64.h"

void
composed_free(struct composed *composed)
{
	buffer_free(&composed->text);
	free(composed->files);
	*composed = (struct composed){ .files = NULL };
}

void
composed_add_file(struct composed *composed, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	composed->files = realloc(composed->files,
	    (composed->files_len + 1) * sizeof(*composed->files));
	if (composed->files == NULL)
		abort();
	composed->files[composed->files_len++] =
	    (struct composed_file){ composed->text.len, bytes, len };
}

void
composed_prepend(struct composed *composed, const char *bytes, size_t len)
{
	struct buffer *text = &composed->text;
	size_t i;

	buffer_reserve(text, len);
	memmove(text->data + len, text->data, text->len + 1);
	memcpy(text->data, bytes, len);
	text->len += len;
	for (i = 0; i < composed->files_len; i++)
		composed->files[i].at += len;
}

void
composed_cut(struct composed *composed, size_t text_len)
{
	if (composed->text.data != NULL)
		composed->text.data[text_len] = '\0';
	composed->text.len = text_len;
	while (composed->files_len > 0 &&
	    composed->files[composed->files_len - 1].at > text_len)
		composed->files_len--;
}

size_t
composed_len(const struct composed *composed)
{
	size_t i, len = composed->text.len;

	for (i = 0; i < composed->files_len; i++)
		len += base64_lines_len(composed->files[i].len);
	return len;
}

size_t
composed_size(const struct composed *composed)
{
	size_t i, size = composed->text.size;

	for (i = 0; i < composed->files_len; i++)
		size += composed->files[i].len;
	return size;
}

/* -- reading --------------------------------------------------------------- */

struct composed_reader
composed_begin(const struct composed *composed)
{
	return (struct composed_reader){ .composed = composed };
}

static const struct composed_file *
next_file(const struct composed_reader *reader)
{
	return reader->file < reader->composed->files_len ?
	    &reader->composed->files[reader->file] :
	    NULL;
}

bool
composed_read_text(struct composed_reader *reader, const char **bytes,
    size_t *len)
{
	const struct buffer *text = &reader->composed->text;
	const struct composed_file *file = next_file(reader);
	const size_t end = file != NULL ? file->at : text->len;

	if (reader->at == end)
		return false;
	*bytes = text->data + reader->at;
	*len = end - reader->at;
	reader->at = end;
	return true;
}

size_t
composed_read_file(struct composed_reader *reader, char *out, size_t room)
{
	const struct composed_file *file = next_file(reader);
	size_t most = room / COMPOSED_LINE * BASE64_LINE_BYTES, n;

	if (file == NULL || file->at != reader->at)
		return 0;
	if (most > file->len - reader->file_at)
		most = file->len - reader->file_at;
	n = base64_write_lines(out, file->bytes + reader->file_at, most);
	reader->file_at += most;
	if (reader->file_at == file->len) {
		reader->file++;
		reader->file_at = 0;
	}
	return n;
}

bool
composed_is_read(const struct composed_reader *reader)
{
	return reader->at == reader->composed->text.len &&
	    reader->file == reader->composed->files_len;
}
