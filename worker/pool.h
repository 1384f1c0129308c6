/* SPDX-License-Identifier: MIT */
/*
 * The connections to one relay: those that are open (sessions), those that are
 * coming, how many there may be, and the pauses after failures. It knows
 * nothing of mails; relay.c hands those out.
 */
#ifndef POSTRIDER_POOL_H
#define POSTRIDER_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "buffer.h"
#include "circuit.h"
#include "config.h"
#include "connect.h"
#include "curl_loop.h"
#include "resolver.h"
#include "session.h"

/*
 * Connections that wait long for a dot's reply make room for others; all
 * together there are never more than this many times SMTP_CONNECTIONS.
 */
#define POOL_OVERDUE_FACTOR 4

struct pool {
	uv_loop_t *loop;
	const struct config *config;
	struct buffer name; /* "host:port" */
	struct circuit circuit;
	struct curl_loop curl;
	struct resolver *resolver;
	struct session **sessions; /* closed ones too, until they are gone */
	size_t sessions_len;
	struct connect **connects;
	size_t connects_len;
	size_t most; /* room in both */
	size_t demand; /* mails that wait for a connection: the owner's */
	int64_t plain_until; /* loop time, ms: no opportunistic TLS before */
	bool quick; /* the last reply to a dot came quickly */
	bool changed; /* the state, or what a session takes: the owner clears */
	bool stopped;
	bool closing;
	uv_timer_t pause; /* wakes the loop for the next attempt */
	unsigned handles; /* open ones, those of sessions aside */
	void (*closed)(struct pool *);
};

/* Aborts when memory is out. */
void pool_open(struct pool *, uv_loop_t *, const struct config *);

/* Opens connections for the mails that wait, as far as may be. */
void pool_grow(struct pool *);

/* How many sessions are open and so. */
size_t pool_count(const struct pool *, bool (*is)(const struct session *));

/* No new connections; sessions take no more mails and end. */
void pool_stop(struct pool *);
/*
 * Ends all sessions at once. `closed` on a later turn, when every handle is
 * closed; the memory must last until then.
 */
void pool_close(struct pool *, void (*closed)(struct pool *));

#endif
