/* SPDX-License-Identifier: MIT */
/*
 * The end of a stop, whatever happens: nothing is in hand any more, and only
 * threads are to be waited for that a silent broker may keep (rabbitmq-c
 * blocks for AMQP_TIMEOUT, more than once).
 */
#ifndef POSTRIDER_EXIT_TIMER_H
#define POSTRIDER_EXIT_TIMER_H

#include <stdint.h>

/*
 * What STOP_TIMEOUT leaves for that: a quarter. The rest is for what is in
 * hand.
 */
#define EXIT_SHARE 4

/*
 * Ends the process with `status` unless it ends by itself within a quarter of
 * STOP_TIMEOUT (ms).
 */
void exit_timer_start(int64_t stop_timeout, int status);

#endif
