/* SPDX-License-Identifier: MIT */
/*
 * The reply reader. A line is looked at when its end is here; of a line that
 * came in pieces the pieces are kept. It knows nothing of the dialogue.
 */
#include "reply.h"

#include <string.h>

#include "utf8.h"

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void
reply_add_safe(struct buffer *out, const char *text, size_t len)
{
	uint32_t point;
	size_t i, n, start = 0;

	for (i = 0; i < len; i += n) {
		n = utf8_next(text + i, len - i, &point);
		if (n > 0 && point >= ' ' && !(point >= 0x7f && point < 0xa0))
			continue;
		buffer_add(out, text + start, i - start);
		buffer_add(out, n > 0 && text[i] == '\t' ? " " : "?", 1);
		n = n == 0 ? 1 : n;
		start = i + n;
	}
	buffer_add(out, text + start, len - start);
}

/* One to three digits at `*at`, which moves behind them; -1: none. */
static int
read_number(const char *text, size_t len, size_t *at)
{
	int number = -1;
	size_t digits;

	for (digits = 0; digits < 3 && *at < len; digits++) {
		if (!is_digit(text[*at]))
			break;
		number = (number < 0 ? 0 : number * 10) + (text[*at] - '0');
		(*at)++;
	}
	return number;
}

/* "2.1.5 " at the start of a line's text: its length with the space, or 0. */
static size_t
read_enhanced(struct reply_enhanced *enhanced, const char *text, size_t len)
{
	struct reply_enhanced found;
	size_t at = 2;

	if (len < 5 || strchr("245", text[0]) == NULL || text[1] != '.')
		return 0;
	found.severity = text[0] - '0';
	found.subject = read_number(text, len, &at);
	if (found.subject < 0 || at == len || text[at++] != '.')
		return 0;
	found.detail = read_number(text, len, &at);
	if (found.detail < 0 || (at < len && text[at] != ' '))
		return 0;
	*enhanced = found;
	return at < len ? at + 1 : at;
}

static enum reply_progress
fail(struct reply_reader *reader, const char *fault)
{
	reader->fault = fault;
	return REPLY_FAULTY;
}

static void
add_text(struct reply_reader *reader, const char *line, size_t len)
{
	struct reply_enhanced enhanced = { 0, 0, 0 };
	size_t skip = 0, codes;

	if (len > 4)
		skip = 4;
	else
		skip = len;
	codes = read_enhanced(&enhanced, line + skip, len - skip);
	if (reader->reply.enhanced.severity == 0)
		reader->reply.enhanced = enhanced;
	if (reader->lines == 1) {
		buffer_add(&reader->text, line, 3);
		if (len > 4)
			buffer_add(&reader->text, " ", 1);
	} else {
		buffer_add(&reader->text, "\n", 1);
		skip += codes;
	}
	reply_add_safe(&reader->text, line + skip, len - skip);
}

/* One whole line without its LF. */
static enum reply_progress
take_line(struct reply_reader *reader, const char *line, size_t len)
{
	int code;

	reader->size += len + 1;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (memchr(line, '\0', len) != NULL)
		return fail(reader, "a NUL in a reply");
	if (len < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) ||
	    !is_digit(line[2]) || (len > 3 && strchr(" -", line[3]) == NULL))
		return fail(reader, "not an SMTP reply");
	code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
	if (reader->lines > 0 && code != reader->reply.code)
		return fail(reader, "differing codes in one reply");
	if (++reader->lines > REPLY_LINES_MAX || reader->size > REPLY_SIZE_MAX)
		return fail(reader, "a reply too long");
	reader->reply.code = code;
	add_text(reader, line, len);
	if (len > 3 && line[3] == '-')
		return REPLY_INCOMPLETE;
	reader->reply.text = reader->text.data;
	reader->reply.text_len = reader->text.len;
	return REPLY_COMPLETE;
}

/* The call before gave a whole reply, or this is the first one. */
static void
begin_reply(struct reply_reader *reader)
{
	memset(&reader->reply, 0, sizeof(reader->reply));
	buffer_clear(&reader->text);
	reader->lines = 0;
	reader->size = 0;
}

/* Takes bytes up to one line's end. */
static enum reply_progress
read_line(struct reply_reader *reader, const char *bytes, size_t len,
    size_t *used)
{
	const char *end = memchr(bytes, '\n', len);
	enum reply_progress progress;

	*used = end == NULL ? len : (size_t)(end - bytes) + 1;
	if (reader->line.len + *used > REPLY_LINE_MAX)
		return fail(reader, "a reply line too long");
	if (end != NULL && reader->line.len == 0)
		return take_line(reader, bytes, *used - 1);
	buffer_add(&reader->line, bytes, *used);
	if (end == NULL)
		return REPLY_INCOMPLETE;
	progress = take_line(reader, reader->line.data, reader->line.len - 1);
	buffer_clear(&reader->line);
	return progress;
}

enum reply_progress
reply_read(struct reply_reader *reader, const char *bytes, size_t len,
    size_t *used)
{
	enum reply_progress progress = REPLY_INCOMPLETE;
	size_t n;

	*used = 0;
	if (reader->fault != NULL)
		return REPLY_FAULTY;
	if (reader->reply.text != NULL)
		begin_reply(reader);
	while (*used < len && progress == REPLY_INCOMPLETE) {
		progress = read_line(reader, bytes + *used, len - *used, &n);
		*used += n;
	}
	return progress;
}

int
reply_is_partial(const struct reply_reader *reader)
{
	return reader->line.len > 0 ||
	    (reader->lines > 0 && reader->reply.text == NULL);
}

void
reply_reader_free(struct reply_reader *reader)
{
	buffer_free(&reader->line);
	buffer_free(&reader->text);
	memset(reader, 0, sizeof(*reader));
}
