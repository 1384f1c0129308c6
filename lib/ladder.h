/* SPDX-License-Identifier: MIT */
/*
 * The delay ladder: queue n holds a message for 2^n s, then passes it to the
 * exchange below; the routing key spells the delay to base 4, one word a digit
 * and so for two rungs, lowest first, then the queue it ends in. RabbitMQ looks
 * at each word of a key three times, each time it routes one: words are what a
 * hop costs. Exchange and queue of rung n are both called email_delay.v2.n (v1
 * had a word a bit, all 22 of them). Pure: this only computes names; topology.c
 * declares them.
 */
#ifndef POSTRIDER_LADDER_H
#define POSTRIDER_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#define LADDER_RUNGS 22 /* 2^0 .. 2^21 s */
#define LADDER_MAX_SECONDS ((INT64_C(1) << LADDER_RUNGS) - 1) /* 48.5 days */
#define LADDER_DELIVERY "email_delivery" /* the exchange at the bottom */
#define LADDER_UNROUTED "email_unrouted" /* alternate-exchange of each rung */

#define LADDER_NAME_SIZE 32 /* "email_delay.v2.21" */
#define LADDER_BASE 4
/*
 * ms off a delay to a time that a user named: whole seconds make it up to one
 * late, so it is met as often before as after. claim.lua takes a second.
 */
#define LADDER_SOONER 500
#define LADDER_KEY_SIZE 192 /* 11 x "3." and a queue name <= 127 */

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

/* "email_delay.v2.<rung>" */
void ladder_rung_name(char name[LADDER_NAME_SIZE], unsigned rung);
/* The binding key of a rung for messages whose digit there is `digit`. */
void ladder_binding_key(char key[LADDER_KEY_SIZE], unsigned rung,
    unsigned digit);
/* Whether those wait in its queue; if not, they pass to the exchange below. */
bool ladder_waits(unsigned rung, unsigned digit);

#endif
