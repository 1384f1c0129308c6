/* SPDX-License-Identifier: MIT */
#include "watchdog.h"

#include "notify.h"

static void
on_time(uv_timer_t *timer)
{
	(void)timer;
	notify_alive();
}

void
watchdog_open(struct watchdog *watchdog, uv_loop_t *loop)
{
	const uint64_t interval = (uint64_t)notify_alive_interval();

	/* None of these fails on a fresh handle. */
	(void)uv_timer_init(loop, &watchdog->timer);
	if (interval > 0)
		(void)uv_timer_start(&watchdog->timer, on_time, 0, interval);
}

void
watchdog_close(struct watchdog *watchdog)
{
	uv_close((uv_handle_t *)&watchdog->timer, NULL);
}
