/* SPDX-License-Identifier: MIT */
/* Where clients connect: a unix socket (--socket), or EVENTS_HOST:EVENTS_PORT. */
#ifndef POSTRIDER_LISTENING_H
#define POSTRIDER_LISTENING_H

#include <stddef.h>
#include <uv.h>

#include "unix_socket.h"

struct events;

struct listening {
	struct events *events;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	};
	struct unix_socket socket;
};

/*
 * `path` NULL: by TCP. 0, or -1 with a sentence in `why`; what is open then is
 * for listening_close(), too.
 */
int listening_open(struct listening *, struct events *, const char *path,
    char *why, size_t size);
/* No new clients; again: nothing. */
void listening_close(struct listening *);

#endif
