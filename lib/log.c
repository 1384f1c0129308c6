/* SPDX-License-Identifier: MIT */
/*
 * Writes lines to stderr, as logfmt or JSON. The only code that writes a log value; it
 * knows nothing of the work.
 */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"
#include "mask.h"
#include "timestamp.h"

#define LOG_PAIRS_MAX 8000 /* bytes: with what is around them, 8 KiB */
#define LOG_LINE_USUAL 500 /* bytes that most lines do with */
#define LOG_VALUE_MAX 1024 /* bytes of a value as written, less its quotes */
#define LOG_NUMBERS 16
#define LOG_NUMBER_SIZE 24
#define LOG_GATHER_MAX 4096 /* bytes: PIPE_BUF, which no pipe tears */

#define LOG_FOLD_MAX 1024 /* bytes of a line that may be folded */
#define LOG_FOLD_FOR 10000 /* ms until repeats are told of, at the latest */

const char *const log_level_names[LOG_LEVEL__MAX + 1] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARNING] = "warning",
	[LOG_ERROR] = "error",
};

const char *const log_format_names[LOG_FORMAT__MAX + 1] = {
	[LOG_LOGFMT] = "logfmt",
	[LOG_JSON] = "json",
};

/* What sd-daemon(3) has before a line: the priorities of syslog(3). */
static const char *const priorities[LOG_LEVEL__MAX] = {
	[LOG_DEBUG] = "<7>",
	[LOG_INFO] = "<6>",
	[LOG_WARNING] = "<4>",
	[LOG_ERROR] = "<3>",
};

static struct log_options options = { .program = "postrider",
	.least = LOG_INFO };
static atomic_int least = LOG_INFO; /* SIGUSR2 changes it */
static bool to_journal;

/* The last line, if it is one that is folded, and how often it came again. */
static struct {
	pthread_mutex_t lock;
	atomic_size_t len; /* 0: there is none */
	enum log_level level;
	char line[LOG_FOLD_MAX];
	unsigned repeats;
	int64_t since; /* ms */
} last = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* systemd names the stream that it made for the journal. */
static bool
is_journal(const char *stream)
{
	struct stat file;
	char name[LOG_NUMBER_SIZE * 2];

	if (stream == NULL || fstat(STDERR_FILENO, &file) == -1)
		return false;
	(void)snprintf(name, sizeof(name), "%" PRIuMAX ":%" PRIuMAX,
	    (uintmax_t)file.st_dev, (uintmax_t)file.st_ino);
	return strcmp(stream, name) == 0;
}

static void
on_toggle(int signum)
{
	(void)signum;
	atomic_store(&least,
	    atomic_load(&least) == LOG_DEBUG ? (int)options.least : LOG_DEBUG);
}

void
log_open(const struct log_options *given)
{
	struct sigaction toggle = { .sa_handler = on_toggle,
		.sa_flags = SA_RESTART };

	options = *given;
	atomic_store(&least, (int)given->least);
	to_journal = is_journal(getenv("JOURNAL_STREAM"));
	sigemptyset(&toggle.sa_mask);
	sigaction(SIGUSR2, &toggle, NULL); /* fails only on a bad signal */
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

/* As logfmt has it: a word stands without quotes. */
static void
log_add_word(struct buffer *line, const char *value)
{
	const ptrdiff_t len = log_plain_len(value);

	if (len > 0 && value[strcspn(value, " =")] == '\0')
		buffer_add(line, value, (size_t)len);
	else
		log_add_quoted(line, value);
}

static void
log_add_pair(struct buffer *line, const char *key, const char *value)
{
	if (options.format == LOG_JSON) {
		buffer_printf(line, ",\"%s\":", key);
		buffer_add_json(line, value, strnlen(value, LOG_VALUE_MAX));
		return;
	}
	buffer_add_text(line, " ");
	buffer_add_text(line, key);
	buffer_add_text(line, "=");
	if (strcmp(key, "msg") == 0)
		log_add_quoted(line, value);
	else
		log_add_word(line, value);
}

/* A reply of the relay may hold an address, too. */
static void
log_add_outside(struct buffer *line, const char *key, const char *value)
{
	struct buffer masked = { 0 };

	if (options.recipients || strchr(value, '@') == NULL) {
		log_add_pair(line, key, value);
		return;
	}
	mask_addresses(&masked, value);
	log_add_pair(line, key, masked.data);
	buffer_free(&masked);
}

/* Pairs beyond the line's end are left out, and said to be. */
static void
log_add_pairs(struct buffer *line, va_list pairs)
{
	const char *key, *value;
	size_t whole;

	while ((key = va_arg(pairs, const char *)) != NULL) {
		value = va_arg(pairs, const char *);
		if (value == NULL)
			continue;
		whole = line->len;
		log_add_outside(line, key, value);
		if (line->len > LOG_PAIRS_MAX) {
			line->len = whole;
			log_add_pair(line, "cut", "yes");
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

/* `pairs`: what stands behind the program's name. */
static void
log_line(enum log_level level, int64_t at, const char *pairs, size_t len)
{
	const bool json = options.format == LOG_JSON;
	struct buffer line = { 0 };
	char now[TIMESTAMP_SIZE];

	timestamp_format(now, at);
	buffer_reserve(&line, LOG_LINE_USUAL);
	if (to_journal)
		buffer_add_text(&line, priorities[level]);
	buffer_add_text(&line, json ? "{\"ts\":\"" : "ts=");
	buffer_add_text(&line, now);
	buffer_add_text(&line, json ? "\",\"level\":\"" : " level=");
	buffer_add_text(&line, log_level_names[level]);
	buffer_add_text(&line, json ? "\",\"prog\":\"" : " prog=");
	buffer_add_text(&line, options.program);
	buffer_add_text(&line, json ? "\"" : "");
	buffer_add(&line, pairs, len);
	buffer_add_text(&line, json ? "}\n" : "\n");
	log_put(level, &line);
	buffer_free(&line);
}

/* -- repeats --------------------------------------------------------------- */

/* The lock is held. */
static void
tell_repeats(int64_t now)
{
	struct buffer line = { 0 };
	char times[LOG_NUMBER_SIZE * 2];

	if (last.repeats > 0) {
		(void)snprintf(times, sizeof(times), "%u times", last.repeats);
		buffer_add(&line, last.line, last.len);
		log_add_pair(&line, "repeated", times);
		log_line(last.level, now, line.data, line.len);
		buffer_free(&line);
	}
	last.repeats = 0;
	last.since = now;
}

/* Whether it is not to be written now: it is what the last line was. */
static bool
fold(enum log_level level, int64_t now, const struct buffer *pairs)
{
	const bool folds = level >= LOG_WARNING && pairs->len <= LOG_FOLD_MAX;
	bool again;

	/* Without a look at the lock: most lines are of mails. */
	if (!folds && atomic_load(&last.len) == 0)
		return false;
	pthread_mutex_lock(&last.lock);
	again = folds && last.level == level && last.len == pairs->len &&
	    memcmp(last.line, pairs->data, pairs->len) == 0;
	if (again)
		last.repeats++;
	if (!again || now - last.since >= LOG_FOLD_FOR)
		tell_repeats(now);
	if (!again) {
		last.level = level;
		atomic_store(&last.len, folds ? pairs->len : 0);
		if (folds)
			memcpy(last.line, pairs->data, pairs->len);
	}
	pthread_mutex_unlock(&last.lock);
	return again;
}

static void
log_write(enum log_level level, const char *message, va_list pairs)
{
	struct buffer text = { 0 };
	const int saved = errno;
	int64_t now;

	if ((int)level < atomic_load_explicit(&least, memory_order_relaxed))
		return;
	now = timestamp_now();
	buffer_reserve(&text, LOG_LINE_USUAL);
	log_add_pair(&text, "msg", message);
	log_add_pairs(&text, pairs);
	if (!fold(level, now, &text))
		log_line(level, now, text.data, text.len);
	buffer_free(&text);
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
