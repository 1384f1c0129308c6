/* SPDX-License-Identifier: MIT */
/*
 * Follows the stream job_events from the moment of our start: each event once
 * and in order, with its job read once for all clients. Redis may go away and
 * come back; nothing is missed. A Redis that no longer has the last event that
 * was read is another one, or an older state of it: that is told.
 */
#ifndef POSTRIDER_FEED_H
#define POSTRIDER_FEED_H

#include <stdbool.h>
#include <uv.h>

#include "config.h"
#include "event.h"
#include "position.h"
#include "store_client.h"

struct feed_options {
	uv_loop_t *loop;
	const struct config *config; /* borrowed */
	bool (*wanted)(void *arg); /* does anybody listen? */
	void (*event)(void *arg, struct event *); /* borrowed */
	void (*known)(void *arg); /* its position, for the first time */
	void (*changed)(void *arg); /* feed_is_up() */
	void (*broken)(void *arg); /* what is missed will never come */
	void *arg;
};

struct feed;

struct feed *feed_new(const struct feed_options *);
void feed_free(struct feed *); /* NULL: nothing */

bool feed_is_up(const struct feed *);
/* Of the last event that was passed on. false: not known yet. */
bool feed_position(const struct feed *, struct position *);
void feed_get_status(const struct feed *, struct store_client_status *);

#endif
