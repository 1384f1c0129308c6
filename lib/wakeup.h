/* SPDX-License-Identifier: MIT */
/*
 * Waking a thread that sleeps in poll(2): an eventfd(2). Any thread rings; the
 * sleeper polls `fd` for POLLIN and clears it.
 */
#ifndef POSTRIDER_WAKEUP_H
#define POSTRIDER_WAKEUP_H

int wakeup_open(void); /* the fd, close(2) it; or -1 */
void wakeup_ring(int fd);
void wakeup_clear(int fd);

/*
 * Sleeps until `wakeup` rings, `fd` (-1: none) is readable or `ms` are over
 * (-1: never). The bell is cleared.
 */
void wakeup_wait(int wakeup, int fd, int ms);

#endif
