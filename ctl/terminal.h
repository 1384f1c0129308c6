/* SPDX-License-Identifier: MIT */
/*
 * What a person sees: text that cannot play tricks on a terminal, columns,
 * colours (only on a terminal, and not with NO_COLOR), a bar for long work.
 */
#ifndef POSTRIDER_TERMINAL_H
#define POSTRIDER_TERMINAL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

void terminal_open(void);

/* A word in the colour of what it means: a job's status, "ok", "failed"... */
void terminal_print_word(const char *word, int width);

/*
 * Outside text, escaped; cut to `width` columns and filled up to them when
 * width is not 0. NULL is printed as "-".
 */
void terminal_print_text(const char *text, int width);

/* "2025-06-29T15:52:17.432Z" -> local "2025-06-29 17:52:17". */
void terminal_print_time(const char *rfc3339, int width);

/* Columns of the terminal; 80 when it is none, so that pipes see all. */
int terminal_columns(void);

/* On stderr, if that is a terminal; over itself until done == total. */
void terminal_progress(int64_t done, int64_t total, const char *what);
/* Where it ends before its total: what is printed next has its own line. */
void terminal_progress_break(void);

/* One line on stdout, flushed. */
void terminal_print_json(struct json_object *);

#endif
