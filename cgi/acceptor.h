/* SPDX-License-Identifier: MIT */
/*
 * The threads that take requests from the web server, read and check them, and
 * hand them on. They end when the listening socket was stopped and its backlog
 * is empty.
 */
#ifndef POSTRIDER_ACCEPTOR_H
#define POSTRIDER_ACCEPTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "pool.h"

struct acceptors;

/* NULL when not one thread can be had. */
struct acceptors *acceptors_new(struct pool *, size_t threads);
/* Joins them: after the listener was stopped, or they never end. */
void acceptors_free(struct acceptors *);

bool acceptors_are_over(struct acceptors *);

#endif
