/* SPDX-License-Identifier: MIT */
/*
 * A time limit that is moved often and seldom reached. Moving it later costs an
 * assignment: the timer fires at the old time, sees that, and is set again.
 */
#ifndef POSTRIDER_DEADLINE_H
#define POSTRIDER_DEADLINE_H

#include <stdint.h>
#include <uv.h>

struct deadline {
	uv_timer_t timer;
	int64_t at; /* loop time, ms */
	int64_t armed; /* when the timer fires, 0: not; never after `at` */
	void (*passed)(struct deadline *);
	void (*closed)(struct deadline *);
};

void deadline_open(struct deadline *, uv_loop_t *,
    void (*passed)(struct deadline *));
void deadline_set(struct deadline *, int64_t at);
/* `closed` on a later turn; the memory must last until then. */
void deadline_close(struct deadline *, void (*closed)(struct deadline *));

#endif
