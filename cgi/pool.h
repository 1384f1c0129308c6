/* SPDX-License-Identifier: MIT */
/*
 * The requests that may be in hand at once (MAX_REQUESTS), and the bytes of
 * body that they may hold together (INFLIGHT_MB). When all are taken, acceptors
 * wait and the web server's connections queue in the socket's backlog.
 */
#ifndef POSTRIDER_POOL_H
#define POSTRIDER_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct api;
struct request;
struct pool;

/* NULL when out of memory. `fd` is where the requests are accepted. */
struct pool *pool_new(struct api *, int fd);
/* Only when idle. */
void pool_free(struct pool *);

/* All are thread-safe. */

/* Waits until one is free; it is blank but for what pool_new() put in. */
struct request *pool_take(struct pool *);
/* The last that is done with a request; its body's bytes are free again. */
void pool_give(struct pool *, struct request *);

/*
 * Counts `bytes` to the request. false: too many are in hand. One request is
 * always let in, however large.
 */
bool pool_hold(struct pool *, struct request *, size_t bytes);

bool pool_is_idle(struct pool *);
size_t pool_held(struct pool *); /* bytes of all requests in hand */

#endif
