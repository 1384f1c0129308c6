/* SPDX-License-Identifier: MIT */
/*
 * The program's log: one logfmt line an event on stderr, written with a single
 * write(2), so that lines of several threads never mix:
 *
 *	ts=2026-11-24T03:40:17.123Z level=info prog=postrider-api msg="ready" ...
 *
 * This is the one place that writes a log value: control bytes, quotes and
 * non-UTF-8 are escaped, values end at 1 KiB. It knows nothing of the work.
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

/* Not thread-safe: called once, before the first thread starts. */
void log_open(const char *program, enum log_level least);

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
