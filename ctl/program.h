/* SPDX-License-Identifier: MIT */
/* Runs another program of the host, without a shell, and hears what it says. */
#ifndef POSTRIDER_PROGRAM_H
#define POSTRIDER_PROGRAM_H

#include <stdbool.h>

#include "buffer.h"

/* Whether there is such a program, where root's are found. */
bool program_exists(const char *name);

/*
 * argv, ended by NULL, is sought in PATH and where root's programs are; no
 * secret of ours is in its environment. `input` (a few KiB; NULL: nothing) is
 * its stdin; stdout and stderr are added to `said`, without the blanks at their
 * end. One that does not end is stopped, which `said` tells. What it ended
 * with; -1: it could not be run, which `said` tells.
 */
int program_run(const char *const argv[], const char *input,
    struct buffer *said);

#endif
