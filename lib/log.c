/* SPDX-License-Identifier: MIT */
/*
 * Writes logfmt lines to stderr. The only code that writes a log value; it
 * knows nothing of the work.
 */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"
#include "timestamp.h"

#define LOG_LINE_MAX 8192 /* bytes of a line, with its newline */
#define LOG_VALUE_MAX 1024 /* bytes of a value as written, less its quotes */
#define LOG_NUMBERS 16
#define LOG_NUMBER_SIZE 24

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

/* Whether a value reads as one word without quotes. */
static bool
log_is_word(const char *value)
{
	const char *at;

	for (at = value; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~' || strchr("\"\\=", *at) != NULL)
			return false;
	return at > value && at - value <= LOG_VALUE_MAX;
}

static void
log_add_value(struct buffer *line, const char *value)
{
	if (log_is_word(value)) {
		buffer_add_text(line, value);
		return;
	}
	buffer_add_text(line, "\"");
	buffer_add_escaped(line, value, strlen(value), LOG_VALUE_MAX);
	buffer_add_text(line, "\"");
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

static void
log_write(enum log_level level, const char *message, va_list pairs)
{
	struct buffer line = { 0 };
	char now[TIMESTAMP_SIZE];
	const int saved = errno;
	ssize_t written;

	if (level < log_state.least)
		return;
	timestamp_format(now, timestamp_now());
	buffer_printf(&line, "ts=%s level=%s prog=%s msg=\"", now,
	    log_level_names[level], log_state.program);
	buffer_add_escaped(&line, message, strlen(message), LOG_VALUE_MAX);
	buffer_add_text(&line, "\"");
	log_add_pairs(&line, pairs);
	buffer_add_text(&line, "\n");
	do {
		written = write(STDERR_FILENO, line.data, line.len);
	} while (written < 0 && errno == EINTR);
	/* A line that stderr does not take is lost: nobody is left to tell. */
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
	char *text = ring_text();

	(void)snprintf(text, LOG_NUMBER_SIZE, "%" PRId64, number);
	return text;
}

const char *
log_duration(int64_t ms)
{
	char *text = ring_text();

	(void)snprintf(text, LOG_NUMBER_SIZE, "%" PRId64 ".%ds", ms / 1000,
	    (int)(ms % 1000 / 100));
	return text;
}
