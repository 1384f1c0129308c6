/* SPDX-License-Identifier: MIT */
/*
 * The delay ladder: queue n holds a message for 2^n s, then passes it to the
 * exchange below; the routing key spells the delay in binary, one word a bit,
 * highest rung first, then the queue it ends in. Exchange and queue of rung n
 * are both called email_delay.v1.n. Pure: this only computes names; topology.c
 * declares them.
 */
#ifndef POSTRIDER_LADDER_H
#define POSTRIDER_LADDER_H

#include <stdint.h>

#define LADDER_RUNGS 22 /* 2^0 .. 2^21 s */
#define LADDER_MAX_SECONDS ((INT64_C(1) << LADDER_RUNGS) - 1) /* 48.5 days */
#define LADDER_DELIVERY "email_delivery" /* the exchange at the bottom */
#define LADDER_UNROUTED "email_unrouted" /* alternate-exchange of each rung */

#define LADDER_NAME_SIZE 32 /* "email_delay.v1.21" */
#define LADDER_KEY_SIZE 192 /* 22 x "1." and a queue name <= 127 */

struct ladder_route {
	char exchange[LADDER_NAME_SIZE];
	char routing_key[LADDER_KEY_SIZE];
};

/*
 * Where to publish so that `queue` has the message after `delay` ms, rounded
 * up to whole seconds. delay <= 0: the default exchange ("") and the queue's
 * name. Beyond LADDER_MAX_SECONDS: that (the worker puts an early message up the
 * ladder again). 0, or -1 when the queue's name is empty, over 127 bytes or
 * holds a '.'.
 */
int ladder_route(struct ladder_route *, int64_t delay, const char *queue);
/*
 * A hop costs the broker work, and there is one for each 1 of the delay: one
 * that need not be exact is rounded up, over 64 s, to its 6 leading bits; 47.8
 * days at most. ms.
 */
int64_t ladder_round(int64_t delay);

/* "email_delay.v1.<rung>" */
void ladder_rung_name(char name[LADDER_NAME_SIZE], unsigned rung);
/*
 * The binding keys of a rung: messages whose bit is 1 wait in its queue, those
 * whose bit is 0 go straight to the exchange below.
 */
void ladder_binding_key(char key[LADDER_KEY_SIZE], unsigned rung, int bit);

#endif
