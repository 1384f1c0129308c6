/* SPDX-License-Identifier: MIT */
/*
 * Goes on with the redrives that Redis knows of, some jobs at a time. Their
 * state is in Redis: any worker goes on with any of them.
 */
#ifndef POSTRIDER_REDRIVER_H
#define POSTRIDER_REDRIVER_H

struct worker;
struct redriver;

struct redriver *redriver_new(struct worker *);
void redriver_free(struct redriver *); /* nothing is on its way; also NULL */

/* Now and then; what is on its way goes on by itself. */
void redriver_step(struct redriver *);

#endif
