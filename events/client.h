/* SPDX-License-Identifier: MIT */
/*
 * One client: its connection from accept to close, what it asked for, what it
 * is yet to be sent. A client that is closed stays in memory until libuv is
 * done with it, so that a callback need not know whether it closed its client.
 */
#ifndef POSTRIDER_CLIENT_H
#define POSTRIDER_CLIENT_H

#include <stdbool.h>
#include <uv.h>

#include "buffer.h"
#include "event.h"
#include "filter.h"
#include "frame.h"
#include "outgoing.h"
#include "position.h"

struct catch_up;
struct events;
struct pass;
struct question;
struct websocket;

enum client_state {
	CLIENT_ASKING, /* its request is not whole */
	CLIENT_FOLLOWING, /* it is told events */
	CLIENT_LEAVING, /* the last bytes are on their way */
	CLIENT_CLOSED,
	CLIENT_STATE__MAX
};

enum client_progress { /* of one that is FOLLOWING */
	PROGRESS_HELD, /* RESUME_WAIT: it may yet say what it had last */
	PROGRESS_BEHIND, /* it is told what it has missed */
	PROGRESS_LIVE, /* it is told what happens */
	PROGRESS__MAX
};

struct client {
	struct events *events;
	struct client *next, **link; /* in clients.c */
	struct client *next_unsent; /* of those with something to be written */
	bool is_unsent;
	enum client_state state;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	};
	uv_timer_t patience; /* for its request, its resume, its end */
	uv_shutdown_t shutdown;
	unsigned handles; /* that libuv has */
	struct buffer head; /* of its request, as far as it is here */
	struct outgoing out;
	size_t granted; /* bytes in `out` that do not count: it catches up */
	struct websocket *websocket; /* NULL: it reads Server-Sent Events */
	struct question *question; /* NULL: it does not wait to be let in */
	struct pass *pass; /* of its key; NULL: AUTH=off, or not let in */
	struct filter filter;
	bool is_pinged; /* and nothing was heard since */

	enum client_progress progress;
	struct position after; /* it was told all that it wants up to here */
	bool knows_after; /* else it begins at the feed's position */
	bool claims_after; /* it is the client's word, not yet looked up */
	struct catch_up *catch_up; /* a page on its way, or NULL */
};

/* One that waits on a listening stream. */
void client_accept(struct events *, uv_stream_t *listening);
/* Its request was answered with 101 or 200: from now on it is told events. */
void client_follow(struct client *);

/* Nothing is read of it, until client_listen(). */
void client_pause(struct client *);
void client_listen(struct client *);

/* Takes over the hold of the chunk; one that reads too slowly is cut. */
void client_send(struct client *, struct chunk *);
/* `data`: JSON in one line. */
void client_tell(struct client *, const char *type, const struct buffer *data);
/* What happened just now, if it is for this one. */
void client_offer(struct client *, struct event *);
/* An event that it wants. */
void client_catch(struct client *, struct event *);
void client_ping(struct client *);

/* Ends it: with that code over a WebSocket. */
void client_end(struct client *, enum close_code, const char *why);
/* The last bytes are with it; it is closed once they are sent. */
void client_leave(struct client *);
void client_close(struct client *);

/* Starts its timer; it ends by itself when the client is closed. */
void client_wait(struct client *, int64_t ms, uv_timer_cb);

#endif
