/* SPDX-License-Identifier: MIT */
/*
 * The command line that all programs share: --help, --version, -t (check the
 * settings and leave), and a table of a program's own options. It also loads
 * the settings and opens the log, in the one order that reports every fault.
 */
#ifndef POSTRIDER_OPTIONS_H
#define POSTRIDER_OPTIONS_H

#include <stdio.h>

#include "config.h"

#define OPTIONS_VALUES_MAX 64

/* Of an option that may be given more than once. The zero value is none. */
struct options_values {
	const char *value[OPTIONS_VALUES_MAX];
	size_t count;
};

/* `--name VALUE` or `--name=VALUE`; a switch (`--name`) has no argument. */
struct options_entry {
	const char *name; /* without its dashes */
	const char *argument; /* what --help calls the value; NULL: a switch */
	/* Set to the value, or to the name of a switch; points into argv. */
	const char **value;
	const char *help;
	struct options_values *values; /* each is added, not put in *value */
};

struct options {
	const char *program; /* "postrider-api" */
	enum config_program mask;
	const char *summary; /* a sentence: what the program does */
	const struct options_entry *entries; /* ended by a NULL name; or NULL */
	/*
	 * Checks that only this program can make (a file, a directory), for -t
	 * and for each start; NULL: none. 0, or -1 after writing each fault as
	 * one line. It is called with settings that are valid on their own.
	 */
	int (*check)(const struct config *, FILE *faults);
};

#define OPTIONS_RUN (-1)
#define OPTIONS_WRONG_SETTINGS 1
#define OPTIONS_WRONG_USAGE 2

/*
 * OPTIONS_RUN: *config is loaded, the log open, go on. Anything else is the
 * status to exit with, all has been said: 0 after --help, --version or a good
 * -t, OPTIONS_WRONG_SETTINGS, OPTIONS_WRONG_USAGE. config_free() in every case.
 */
int options_parse(const struct options *, int argc, char **argv,
    struct config *config);

/*
 * The option at argv[*at], and its value, which *at is moved to. OPTIONS_RUN, or
 * the status of wrong usage after saying so on stderr in `program`'s name.
 */
int options_read(const char *program, const struct options_entry *entries,
    char **argv, int *at);

/* The lines of --help for them; `entries` may be NULL. */
void options_print(const struct options_entry *entries);

#endif
