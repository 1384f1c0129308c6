/* SPDX-License-Identifier: MIT */
/*
 * One connection to the relay: the dialogue (dialogue.h) on a connected handle,
 * with the loop's events and the time limits. Which mails it gets, and how many
 * connections there are, is the relay's to decide.
 *
 * Bytes are written in session_flush() and session_allow_dot(), which the relay
 * calls once a loop turn, and when the socket is writable again; never in
 * session_submit().
 */
#ifndef POSTRIDER_SESSION_H
#define POSTRIDER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "config.h"
#include "connect.h"
#include "dialogue.h"
#include "relay.h"

struct session;

struct session_options {
	uv_loop_t *loop;
	const struct config *config;
	const bool *quick; /* whether the relay answers quickly; all borrowed */
	/* A mail came to its end and the connection goes on: it works. */
	void (*served)(void *arg);
	/* Idle for SMTP_IDLE: whether it is to end. */
	bool (*may_end)(void *arg);
	/* The reply to a dot took, or takes already, this many ms. */
	void (*paced)(void *arg, int64_t ms);
	/* It takes no more; before its transactions are told. */
	void (*ended)(void *arg, enum dialogue_end, const char *why);
	/* Its handles are closed; its memory goes right after. */
	void (*gone)(void *arg, struct session *);
	void *arg;
};

/* Takes the handle of `connected`. NULL: it had no socket, all is freed. */
struct session *session_new(const struct session_options *,
    const struct connected *);

/*
 * How many more transactions it takes now: one for an empty hand, one more to
 * follow it while the relay is quick.
 */
size_t session_places(const struct session *);
/*
 * How many more should be claimed for it: one beyond its places while the relay
 * is quick, so that it is there when a place comes free.
 */
size_t session_room(const struct session *);
/* Only with a place. Calls nothing and writes nothing. */
void session_submit(struct session *, struct transaction *);
/* Says what is to be said now. */
void session_flush(struct session *);

/* The transaction that waits for the word to send its dot, or NULL. */
struct transaction *session_held(const struct session *);
void session_allow_dot(struct session *);
/* The held one ends UNSENT, and the connection with it. */
void session_refuse_dot(struct session *, const char *why);

bool session_is_open(const struct session *);
bool session_is_empty(const struct session *); /* no transaction in hand */
bool session_is_proven(const struct session *); /* has answered a MAIL */
/* Waits beyond PIPELINE_WAIT for a dot's reply. */
bool session_is_overdue(const struct session *);

/* No more mails: what has no dot yet ends UNSENT; then QUIT. */
void session_retire(struct session *);
/* At once: a sent dot ends UNKNOWN, all else UNSENT. */
void session_abort(struct session *);

#endif
