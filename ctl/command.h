/* SPDX-License-Identifier: MIT */
/*
 * A command of `postrider`: a row of the table in commands.c. What it does
 * stands in the file of its noun; each prints for a person, or JSON.
 */
#ifndef POSTRIDER_COMMAND_H
#define POSTRIDER_COMMAND_H

#include <stdbool.h>

#include "config.h"
#include "options.h"

/* What the program ends with; docs/protocol.md has the same words. */
enum command_status {
	COMMAND_DONE = 0,
	COMMAND_REFUSED = 1, /* it was understood, and is not so or cannot be */
	COMMAND_USAGE = OPTIONS_WRONG_USAGE,
	COMMAND_UNREACHABLE = 3, /* nobody answers, or not now: try again */
	COMMAND_DENIED = 4 /* no key, or not one for this */
};

struct ctl {
	const struct config *config;
	bool json; /* --json: what is printed is JSON, one value a line */
};

#define COMMAND_ANY 1000 /* arguments */

struct command {
	const char *name; /* "send", or two words: "queue pause" */
	const char *arguments; /* as --help shows them; "" */
	const char *summary;
	int least, most; /* arguments that are no options */
	const struct options_entry *options; /* NULL: none */
	enum command_status (*run)(const struct ctl *, char **arguments);
};

/* Ended by a NULL name. */
extern const struct command commands[];

/* One line on stderr, which begins with the command's name; COMMAND_USAGE. */
enum command_status command_wrong(const char *name, const char *why);

#endif
