/* SPDX-License-Identifier: MIT */
/*
 * Whether a client may follow events: with AUTH=required it shows a key with the
 * scope `read`, or a ticket. Each key in use is looked at again every second, so
 * that clients of one that was revoked are cut.
 */
#ifndef POSTRIDER_ADMISSION_H
#define POSTRIDER_ADMISSION_H

#include <uv.h>

#include "http_head.h"

struct client;
struct events;

/* A key in use, or asked for. */
struct pass;

struct admissions {
	struct events *events;
	struct pass *first;
	uv_timer_t timer;
};
void admissions_open(struct events *);
void admissions_close(struct events *); /* all clients have left */

/*
 * request_admitted() is called for it, now or later, or it is answered. While
 * it waits nothing is read of it.
 */
void admission_ask(struct client *, const struct http_head *);
/* It closes, or has left. */
void admission_end(struct client *);

#endif
