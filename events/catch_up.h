/* SPDX-License-Identifier: MIT */
/*
 * From the last event that a client had to what happens now: pages of the
 * stream, one after the other as the client takes them, until it is where the
 * feed is. So it gets each event once and in order.
 */
#ifndef POSTRIDER_CATCH_UP_H
#define POSTRIDER_CATCH_UP_H

#include "client.h"

/*
 * Begins behind `after`, which the client named; 0-0: with all that the stream
 * has. NULL: where the feed is.
 */
void catch_up_begin(struct client *, const struct position *after);
/* The next page, if it is time for one. */
void catch_up_go_on(struct client *);
/* What is missed is lost: resume_failed, and on with what happens now. */
void catch_up_fail(struct client *);
void catch_up_cancel(struct client *);

#endif
