/* SPDX-License-Identifier: MIT */
/*
 * Tells the service manager that the loop turns: where it hangs, nobody does,
 * and the worker is restarted (systemd.service(5), WatchdogSec).
 */
#ifndef POSTRIDER_WATCHDOG_H
#define POSTRIDER_WATCHDOG_H

#include <uv.h>

struct watchdog {
	uv_timer_t timer;
};

/* Nothing is to be done where the service manager does not watch. */
void watchdog_open(struct watchdog *, uv_loop_t *);
/* The handle is closed when the loop has run once more. */
void watchdog_close(struct watchdog *);

#endif
