/* SPDX-License-Identifier: MIT */
/*
 * Writes logfmt lines to stderr. The only code that writes a log value; it
 * knows nothing of the work.
 */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"
#include "timestamp.h"

#define LOG_LINE_MAX 8192 /* bytes of a line, with its newline */
#define LOG_LINE_USUAL 500 /* bytes that most lines do with */
#define LOG_VALUE_MAX 1024 /* bytes of a value as written, less its quotes */
#define LOG_NUMBERS 16
#define LOG_NUMBER_SIZE 24
#define LOG_GATHER_MAX 4096 /* bytes: PIPE_BUF, which no pipe tears */

const char *const log_level_names[LOG_LEVEL__MAX + 1] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARNING] = "warning",
	[LOG_ERROR] = "error",
};

static struct {
	const char *program;
	enum log_level least;
} log_state = { "postrider", LOG_INFO };

void
log_open(const char *program, enum log_level least)
{
	log_state.program = program;
	log_state.least = least;
}

/* What one thread has gathered: lines that go out together. */
static _Thread_local struct {
	bool on;
	size_t len;
	char text[LOG_GATHER_MAX];
} log_gathered;

/* -- a line ---------------------------------------------------------------- */

/* The length of text that needs no escapes, if it is short enough, or -1. */
static ptrdiff_t
log_plain_len(const char *text)
{
	const char *at;

	for (at = text; *at != '\0'; at++)
		if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
			return -1;
	return at - text <= LOG_VALUE_MAX ? at - text : -1;
}

static void
log_add_quoted(struct buffer *line, const char *text)
{
	const ptrdiff_t len = log_plain_len(text);

	buffer_add(line, "\"", 1);
	if (len >= 0)
		buffer_add(line, text, (size_t)len);
	else
		buffer_add_escaped(line, text, strlen(text), LOG_VALUE_MAX);
	buffer_add(line, "\"", 1);
}

static void
log_add_value(struct buffer *line, const char *value)
{
	const ptrdiff_t len = log_plain_len(value);

	/* A word stands without quotes. */
	if (len > 0 && value[strcspn(value, " =")] == '\0')
		buffer_add(line, value, (size_t)len);
	else
		log_add_quoted(line, value);
}

/* Pairs beyond the line's end are left out, and said to be. */
static void
log_add_pairs(struct buffer *line, va_list pairs)
{
	static const char cut[] = " cut=yes";
	const char *key, *value;
	size_t whole;

	while ((key = va_arg(pairs, const char *)) != NULL) {
		value = va_arg(pairs, const char *);
		if (value == NULL)
			continue;
		whole = line->len;
		buffer_add_text(line, " ");
		buffer_add_text(line, key);
		buffer_add_text(line, "=");
		log_add_value(line, value);
		if (line->len + sizeof(cut) > LOG_LINE_MAX) {
			line->len = whole;
			buffer_add_text(line, cut);
			return;
		}
	}
}

/* -- its way out ----------------------------------------------------------- */

/* What stderr does not take is lost: nobody is left to tell. */
static void
log_out(const char *text, size_t len)
{
	ssize_t written;

	do {
		written = write(STDERR_FILENO, text, len);
	} while (written < 0 && errno == EINTR);
}

void
log_flush(void)
{
	if (log_gathered.len > 0)
		log_out(log_gathered.text, log_gathered.len);
	log_gathered.len = 0;
}

void
log_gather(bool on)
{
	log_flush();
	log_gathered.on = on;
}

static void
log_put(enum log_level level, const struct buffer *line)
{
	const bool waits =
	    log_gathered.on && level == LOG_INFO && line->len <= LOG_GATHER_MAX;

	if (!waits || log_gathered.len + line->len > LOG_GATHER_MAX)
		log_flush();
	if (!waits) {
		log_out(line->data, line->len);
		return;
	}
	memcpy(log_gathered.text + log_gathered.len, line->data, line->len);
	log_gathered.len += line->len;
}

static void
log_write(enum log_level level, const char *message, va_list pairs)
{
	struct buffer line = { 0 };
	char now[TIMESTAMP_SIZE];
	const int saved = errno;

	if (level < log_state.least)
		return;
	timestamp_format(now, timestamp_now());
	buffer_reserve(&line, LOG_LINE_USUAL);
	buffer_add_text(&line, "ts=");
	buffer_add_text(&line, now);
	buffer_add_text(&line, " level=");
	buffer_add_text(&line, log_level_names[level]);
	buffer_add_text(&line, " prog=");
	buffer_add_text(&line, log_state.program);
	buffer_add_text(&line, " msg=");
	log_add_quoted(&line, message);
	log_add_pairs(&line, pairs);
	buffer_add(&line, "\n", 1);
	log_put(level, &line);
	buffer_free(&line);
	errno = saved;
}

void
log_debug(const char *message, ...)
{
	va_list pairs;

	va_start(pairs, message);
	log_write(LOG_DEBUG, message, pairs);
	va_end(pairs);
}

void
log_info(const char *message, ...)
{
	va_list pairs;

	va_start(pairs, message);
	log_write(LOG_INFO, message, pairs);
	va_end(pairs);
}

void
log_warning(const char *message, ...)
{
	va_list pairs;

	va_start(pairs, message);
	log_write(LOG_WARNING, message, pairs);
	va_end(pairs);
}

void
log_error(const char *message, ...)
{
	va_list pairs;

	va_start(pairs, message);
	log_write(LOG_ERROR, message, pairs);
	va_end(pairs);
}

/* The next of the ring. */
static char *
ring_text(void)
{
	static _Thread_local char texts[LOG_NUMBERS][LOG_NUMBER_SIZE];
	static _Thread_local unsigned next;

	return texts[next++ % LOG_NUMBERS];
}

const char *
log_number(int64_t number)
{
	struct buffer text = { .data = ring_text(), .size = LOG_NUMBER_SIZE };

	buffer_add_number(&text, number); /* long enough for any */
	return text.data;
}

const char *
log_duration(int64_t ms)
{
	char *text = ring_text();

	(void)snprintf(text, LOG_NUMBER_SIZE, "%" PRId64 ".%ds", ms / 1000,
	    (int)(ms % 1000 / 100));
	return text;
}
