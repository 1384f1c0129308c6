/* SPDX-License-Identifier: MIT */
/* A lazy timer. */
#include "deadline.h"

#include <string.h>

static int64_t
loop_time(const struct deadline *deadline)
{
	return (int64_t)uv_now(deadline->timer.loop);
}

static void
on_timer(uv_timer_t *timer)
{
	struct deadline *deadline = timer->data;

	deadline->armed = 0;
	if (loop_time(deadline) < deadline->at)
		deadline_set(deadline, deadline->at);
	else
		deadline->passed(deadline);
}

void
deadline_open(struct deadline *deadline, uv_loop_t *loop,
    void (*passed)(struct deadline *))
{
	memset(deadline, 0, sizeof(*deadline));
	(void)uv_timer_init(loop, &deadline->timer); /* cannot fail */
	deadline->timer.data = deadline;
	deadline->passed = passed;
}

void
deadline_set(struct deadline *deadline, int64_t at)
{
	const int64_t now = loop_time(deadline);

	deadline->at = at;
	if (deadline->armed != 0 && deadline->armed <= at)
		return;
	deadline->armed = at;
	(void)uv_timer_start(&deadline->timer, on_timer,
	    at > now ? (uint64_t)(at - now) : 0, 0);
}

static void
on_closed(uv_handle_t *handle)
{
	struct deadline *deadline = handle->data;

	deadline->closed(deadline);
}

void
deadline_close(struct deadline *deadline, void (*closed)(struct deadline *))
{
	deadline->closed = closed;
	uv_close((uv_handle_t *)&deadline->timer, on_closed);
}
