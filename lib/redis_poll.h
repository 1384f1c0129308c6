/* SPDX-License-Identifier: MIT */
/*
 * hiredis on a libuv loop. Unlike hiredis' own adapter it asks the kernel for
 * events only when what is waited for changes, and what is appended waits for
 * redis_poll_flush(): one write for all commands of a loop turn, where that
 * one asks epoll twice for each command and reply.
 */
#ifndef POSTRIDER_REDIS_POLL_H
#define POSTRIDER_REDIS_POLL_H

#include <hiredis/async.h>
#include <uv.h>

/*
 * Once for each context, before its callbacks are set. It frees itself when
 * hiredis frees the context.
 */
void redis_poll_attach(redisAsyncContext *, uv_loop_t *);
/* Writes what waits; the context may be gone when this returns. */
void redis_poll_flush(redisAsyncContext *);

#endif
