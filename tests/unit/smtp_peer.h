/* SPDX-License-Identifier: MIT */
/*
 * An SMTP server in a thread, on a free port of 127.0.0.1, that behaves as its
 * rules say and keeps what it was told. Without a rule it takes every mail.
 */
#ifndef POSTRIDER_SMTP_PEER_H
#define POSTRIDER_SMTP_PEER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

enum peer_action {
	PEER_REPLY, /* `reply`, without its CR LF */
	PEER_CUT, /* close; before it, `reply` as it stands, if any */
	PEER_REPLY_CUT, /* `reply` and CR LF, then close */
	PEER_SILENT, /* say nothing until peer_speak(), then `reply` */
	PEER_READ_NOT /* as REPLY, but read nothing more for 300 ms */
};

/*
 * `command` is the beginning of a command line, or "CONNECT" for the greeting,
 * "." for the dot, "BODY" for the first bytes of a message. `nth` is which one
 * of the commands it fits, over all connections, from 1 on; 0 is all.
 */
struct peer_rule {
	const char *command; /* NULL ends the list */
	unsigned nth;
	enum peer_action action;
	const char *reply;
	unsigned seen; /* the peer's own */
};

enum peer_mode {
	PEER_PIPELINING,
	PEER_STEPWISE, /* PIPELINING is not offered */
	PEER_BYTE_BY_BYTE /* PIPELINING, every reply a byte at a time */
};

struct peer {
	int port;
	enum peer_mode mode;
	struct peer_rule *rules;
	int listener;
	pthread_t thread;
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t spoken;
	bool speak;
	_Atomic bool stopping;
	size_t connections; /* accepted so far */
	size_t open;
	size_t open_most;
	struct buffer
	    told; /* commands, each with LF; "[n bytes]" for a message */
	struct buffer messages; /* as sent, stuffed, with the dot's line */
	bool pipelined; /* MAIL, RCPT and DATA came in one read, once */
	bool followed; /* a dot and a MAIL came in one read, once */
};

/* `rules` may be NULL; they must last until peer_stop(). */
void peer_start(struct peer *, enum peer_mode, struct peer_rule *rules);
void peer_speak(struct peer *);
void peer_stop(struct peer *); /* a second time does nothing */

/*
 * Away for a while: nobody answers on its port, and nobody else gets it.
 * peer_leave() returns what holds it, for peer_return().
 */
int peer_leave(struct peer *);
void peer_return(struct peer *, int held, enum peer_mode, struct peer_rule *);

/* How often it was told a command that begins so; it must be running. */
size_t peer_count(struct peer *, const char *command);
/* The same, as soon as it is `n`, or after 10 s. */
size_t peer_await(struct peer *, const char *command, size_t n);

#endif
