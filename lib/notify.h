/* SPDX-License-Identifier: MIT */
/*
 * What the service manager is told, where there is one (systemd, sd_notify(3));
 * elsewhere nothing happens. That it cannot be told is not our trouble.
 */
#ifndef POSTRIDER_NOTIFY_H
#define POSTRIDER_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
void notify_stopping(void);

/*
 * How often it wants to hear that we are alive, at least (ms): half of its
 * WatchdogSec. 0: it does not watch.
 */
int64_t notify_alive_interval(void);
void notify_alive(void);

#endif
