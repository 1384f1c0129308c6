/* SPDX-License-Identifier: MIT */
/* Only this file knows libsystemd. */
#include "notify.h"

#include <systemd/sd-daemon.h>

void
notify_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

void
notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

int64_t
notify_alive_interval(void)
{
	uint64_t usec;

	if (sd_watchdog_enabled(0, &usec) <= 0)
		return 0;
	return usec < 2000 ? 1 : (int64_t)(usec / 2000);
}

void
notify_alive(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}
