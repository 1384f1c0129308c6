/* SPDX-License-Identifier: MIT */
/*
 * One setting: how its text becomes a value, and where it comes from. Knows no
 * setting by name; config.c has the table.
 */
#ifndef POSTRIDER_SETTING_H
#define POSTRIDER_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "buffer.h"

enum setting_type {
	SETTING_TEXT, /* char *, owned; no control bytes */
	SETTING_NUMBER, /* int64_t, decimal */
	SETTING_DURATION, /* int64_t, ms */
	SETTING_CHOICE, /* an enum; `words` in its order */
	SETTING_FLAG, /* bool; `words` are false's and true's */
	SETTING_TYPE__MAX
};

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset; /* of the value in the struct that holds them all */
	/* As the environment would give it; NULL: computed. */
	const char *fallback;
	/* Appends the default, from the values of the rows above it. */
	void (*compute)(const void *values, struct buffer *text);
	const char *computed; /* what it computes, in words */
	/* NUMBER, DURATION: the range. TEXT: bytes, when max is not 0. */
	int64_t min, max;
	const char *const *words; /* CHOICE, FLAG; ended by NULL */
	unsigned programs; /* bits of enum config_program */
	bool secret; /* never shown; may come from a file: NAME_FILE, systemd */
	const char *help; /* a sentence */
};

/*
 * Stores `text` at its place in `values` (a TEXT there before is freed). NULL,
 * or a constant text that says what is wrong; then nothing is changed.
 */
const char *setting_store(const struct setting *, void *values,
    const char *text);

/*
 * Takes the value from the environment, or a secret's file. 1: stored, 0: not
 * given (or empty), -1: one line was written to `faults`.
 */
int setting_load(const struct setting *, void *values, FILE *faults);
void setting_load_fallback(const struct setting *, void *values);

/*
 * Appends what the file of a secret holds now. 1: that; 0: nothing, it has no
 * file; -1: why it cannot be had, and no part of it.
 */
int setting_read_secret(const struct setting *, struct buffer *text);

/* The same of a file that no variable names: `name` is for what is wrong. */
int setting_read_file(const struct setting *, const char *name,
    const char *path, struct buffer *text);

/* The line "NAME: 'value' why", escaped; without the value when it is NULL. */
void setting_fault(const char *name, const char *value, const char *why,
    FILE *faults);

/* Its type, and its range or words: "a duration, 10ms to 1h". */
void setting_describe(const struct setting *, FILE *out);

#endif
