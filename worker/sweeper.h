/* SPDX-License-Identifier: MIT */
/*
 * Every SWEEP_INTERVAL one worker looks for what nobody looks after: outbox
 * entries that were not published, overdue jobs, owners that are dead, jobs
 * past their lease, terminal jobs whose time is over.
 */
#ifndef POSTRIDER_SWEEPER_H
#define POSTRIDER_SWEEPER_H

struct worker;
struct sweeper;

struct sweeper *sweeper_new(struct worker *);
void sweeper_free(struct sweeper *);

#endif
