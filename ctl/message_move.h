/* SPDX-License-Identifier: MIT */
/*
 * Moves messages from a queue to another, whatever ends us: each is confirmed
 * where it goes before it is taken from where it was. One that was in hand then
 * is in both, and as hints of one job they are one mail.
 */
#ifndef POSTRIDER_MESSAGE_MOVE_H
#define POSTRIDER_MESSAGE_MOVE_H

#include <stddef.h>

#include "config.h"

struct message_move {
	const struct config *config;
	const char *from, *to; /* both are there */
	void (*moved)(void *arg, size_t count); /* a batch, confirmed */
	void *arg;
};

/* Until `from` is empty. 0, or -1 with `why`. */
int message_move_all(const struct message_move *, char *why, size_t size);

#endif
