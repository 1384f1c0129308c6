/* SPDX-License-Identifier: MIT */
/*
 * The program's log: one line an event on stderr, written with a single
 * write(2), so that lines of several threads never mix:
 *
 *	ts=2026-11-24T03:40:17.123Z level=info prog=postrider-api msg="ready" ...
 *
 * This is the one place that writes a log value: control bytes, quotes and
 * non-UTF-8 are escaped, values end at 1 KiB, addresses are masked. It knows
 * nothing of the work.
 *
 * A warning or error that comes again and again, with no other line between, is
 * written once, and then once in 10 s, or when another line comes, with
 * `repeated="412 times"` at its end.
 *
 * A thread that logs many lines at once may gather them: see log_gather.
 */
#ifndef POSTRIDER_LOG_H
#define POSTRIDER_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_DEBUG,
	LOG_INFO,
	LOG_WARNING,
	LOG_ERROR,
	LOG_LEVEL__MAX
};

extern const char *const log_level_names[LOG_LEVEL__MAX + 1]; /* and NULL */

enum log_format {
	LOG_LOGFMT,
	LOG_JSON, /* one object a line; every value is a string */
	LOG_FORMAT__MAX
};
extern const char *const log_format_names[LOG_FORMAT__MAX + 1]; /* and NULL */

struct log_options {
	const char *program; /* a constant */
	enum log_level least;
	enum log_format format;
	bool recipients; /* addresses are told in full: see mask.h */
};

/*
 * Not thread-safe: called once, before the first thread starts. From then on
 * SIGUSR2 lets everything be logged, and the next one does not any more. Where
 * stderr is systemd's journal, lines have their priority before them.
 */
void log_open(const struct log_options *);

/*
 * Each takes a message and then pairs of (key, value), both `const char *`,
 * ended by NULL: log_info("relay is back", "relay", name, NULL). A value that
 * is NULL is left out with its key. Keys are our own words, never outside text.
 */
void log_debug(const char *message, ...) __attribute__((sentinel));
void log_info(const char *message, ...) __attribute__((sentinel));
void log_warning(const char *message, ...) __attribute__((sentinel));
void log_error(const char *message, ...) __attribute__((sentinel));

/*
 * From now on what this thread logs at level info waits for log_flush(), for a
 * line of another level, or for 4 KiB of it, and goes out with one write(2). Off
 * at first. Each thread that turns it on flushes: before it sleeps, and at its
 * end.
 */
void log_gather(bool on); /* flushes */
void log_flush(void);

/*
 * A number as text for one of the calls above. The text lives in a ring of 16
 * per thread, so it is good for the call it is written in and no longer.
 */
const char *log_number(int64_t number);
/* A time in ms, as seconds: "4.2s". Its text lives as long. */
const char *log_duration(int64_t ms);

#endif
