/* SPDX-License-Identifier: MIT */
/* Five callbacks of hiredis as one poll handle of the loop. */
#include "redis_poll.h"

#include <stdbool.h>
#include <stdlib.h>

struct redis_poll {
	redisAsyncContext *context; /* NULL: hiredis has freed it */
	uv_poll_t handle;
	int wanted, watched; /* enum uv_poll_event */
	bool unsent; /* to be written by the next flush */
	bool flushing;
};

static void
on_event(uv_poll_t *handle, int status, int events)
{
	struct redis_poll *poll = handle->data;

	if (status != 0) { /* libuv has stopped: hiredis finds the error */
		poll->watched = 0;
		events = UV_READABLE;
	}
	if (poll->context != NULL && (events & UV_READABLE) != 0)
		redisAsyncHandleRead(poll->context);
	if (poll->context != NULL && (events & UV_WRITABLE) != 0)
		redisAsyncHandleWrite(poll->context);
}

static void
watch(struct redis_poll *poll, int events)
{
	poll->wanted = events;
	if (poll->watched == events)
		return;
	poll->watched = events;
	/* Neither can fail on an open handle. */
	if (events != 0)
		(void)uv_poll_start(&poll->handle, events, on_event);
	else
		(void)uv_poll_stop(&poll->handle);
}

static void
add_read(void *arg)
{
	struct redis_poll *poll = arg;

	watch(poll, poll->wanted | UV_READABLE);
}

static void
del_read(void *arg)
{
	struct redis_poll *poll = arg;

	watch(poll, poll->wanted & ~UV_READABLE);
}

/* The loop watches for a connect, and for room when the socket is full. */
static void
add_write(void *arg)
{
	struct redis_poll *poll = arg;

	if ((poll->context->c.flags & REDIS_CONNECTED) != 0 && !poll->flushing)
		poll->unsent = true;
	else
		watch(poll, poll->wanted | UV_WRITABLE);
}

static void
del_write(void *arg)
{
	struct redis_poll *poll = arg;

	poll->unsent = false;
	watch(poll, poll->wanted & ~UV_WRITABLE);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
cleanup(void *arg)
{
	struct redis_poll *poll = arg;

	poll->context = NULL;
	uv_close((uv_handle_t *)&poll->handle, on_closed);
}

void
redis_poll_attach(redisAsyncContext *context, uv_loop_t *loop)
{
	struct redis_poll *poll = calloc(1, sizeof(*poll));

	/* Else it fails on a descriptor that is no socket only. */
	if (poll == NULL ||
	    uv_poll_init(loop, &poll->handle, context->c.fd) != 0)
		abort();
	poll->context = context;
	poll->handle.data = poll;
	context->ev.data = poll;
	context->ev.addRead = add_read;
	context->ev.delRead = del_read;
	context->ev.addWrite = add_write;
	context->ev.delWrite = del_write;
	context->ev.cleanup = cleanup;
}

void
redis_poll_flush(redisAsyncContext *context)
{
	struct redis_poll *poll = context->ev.data;

	if (poll == NULL || !poll->unsent)
		return;
	poll->unsent = false;
	poll->flushing = true;
	redisAsyncHandleWrite(context);
	poll->flushing =
	    false; /* it is freed on a later turn at the earliest */
}
