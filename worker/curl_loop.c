/* SPDX-License-Identifier: MIT */
/* libcurl's sockets and its one timer as libuv's handles. */
#include "curl_loop.h"

#include <stdbool.h>
#include <stdlib.h>

/* One socket that libcurl wants watched; freed when libuv has let it go. */
struct curl_socket {
	uv_poll_t poll;
	struct curl_loop *owner;
	curl_socket_t fd;
};

static void
report_done(struct curl_loop *loop)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(loop->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
			loop->on_done(message->easy_handle,
			    message->data.result);
}

static void
act(struct curl_loop *loop, curl_socket_t fd, int bits)
{
	int running;

	/* Its errors are those of a bad handle; transfers tell their own. */
	(void)curl_multi_socket_action(loop->multi, fd, bits, &running);
	report_done(loop);
}

static void
on_timer(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

/* Called by libcurl: never acts at once, that would re-enter it. */
static int
set_timer(CURLM *multi, long ms, void *arg)
{
	struct curl_loop *loop = arg;

	(void)multi;
	if (ms < 0)
		return uv_timer_stop(&loop->timer);
	return uv_timer_start(&loop->timer, on_timer, (uint64_t)ms, 0);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	const struct curl_socket *watched = poll->data;
	int bits = 0;

	if (status < 0)
		bits |= CURL_CSELECT_ERR;
	if ((events & UV_READABLE) != 0)
		bits |= CURL_CSELECT_IN;
	if ((events & UV_WRITABLE) != 0)
		bits |= CURL_CSELECT_OUT;
	act(watched->owner, watched->fd, bits);
}

static struct curl_socket *
watched_new(struct curl_loop *loop, curl_socket_t fd)
{
	struct curl_socket *watched = calloc(1, sizeof(*watched));

	if (watched == NULL)
		abort();
	if (uv_poll_init_socket(loop->loop, &watched->poll, fd) != 0) {
		free(watched);
		return NULL;
	}
	watched->poll.data = watched;
	watched->owner = loop;
	watched->fd = fd;
	(void)curl_multi_assign(loop->multi, fd, watched);
	return watched;
}

static void
on_watched_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static int
set_socket(CURL *curl, curl_socket_t fd, int what, void *arg, void *known)
{
	struct curl_loop *loop = arg;
	struct curl_socket *watched = known;
	int events = 0;

	(void)curl;
	if (what == CURL_POLL_REMOVE) {
		if (watched != NULL) {
			(void)curl_multi_assign(loop->multi, fd, NULL);
			uv_close((uv_handle_t *)&watched->poll,
			    on_watched_closed);
		}
		return 0;
	}
	if (watched == NULL && (watched = watched_new(loop, fd)) == NULL)
		return -1;
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= UV_READABLE;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= UV_WRITABLE;
	return uv_poll_start(&watched->poll, events, on_poll);
}

int
curl_loop_open(struct curl_loop *loop, uv_loop_t *uv,
    void (*on_done)(CURL *, CURLcode))
{
	loop->loop = uv;
	loop->on_done = on_done;
	loop->multi = curl_multi_init();
	if (loop->multi == NULL)
		return -1;
	(void)uv_timer_init(uv, &loop->timer); /* cannot fail */
	loop->timer.data = loop;
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
	return 0;
}

int
curl_loop_add(struct curl_loop *loop, CURL *curl)
{
	return curl_multi_add_handle(loop->multi, curl) == CURLM_OK ? 0 : -1;
}

static void
on_timer_closed(uv_handle_t *handle)
{
	struct curl_loop *loop = handle->data;

	loop->on_closed(loop->arg);
}

void
curl_loop_close(struct curl_loop *loop, void (*on_closed)(void *arg), void *arg)
{
	loop->on_closed = on_closed;
	loop->arg = arg;
	(void)curl_multi_cleanup(loop->multi);
	loop->multi = NULL;
	uv_close((uv_handle_t *)&loop->timer, on_timer_closed);
}
