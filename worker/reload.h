/* SPDX-License-Identifier: MIT */
/*
 * The files that settings name: looked at before the start, and those that may
 * change meanwhile (DKIM_KEYS, PACE_FILE) read again at SIGHUP.
 */
#ifndef POSTRIDER_RELOAD_H
#define POSTRIDER_RELOAD_H

#include <stdio.h>

struct config;
struct worker;

/* For -t and at the start: what is no good there is a wrong setting. 0 or -1. */
int reload_check(const struct config *, FILE *faults);
/* What is faulty now is told in the log, and stays as it was. */
void reload_files(struct worker *);
/* Of what is fine, but perhaps not meant. */
void reload_warn(const struct worker *);

#endif
