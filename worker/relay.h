/* SPDX-License-Identifier: MIT */
/*
 * One SMTP relay: up to SMTP_CONNECTIONS connections to it, opened on demand,
 * reused, closed when idle or after SMTP_MAILS_PER_CONNECTION mails. It takes
 * claimed mails (struct transaction) and tells each one's outcome. It knows
 * nothing of Redis, AMQP or the journal's format; all on the loop's thread.
 */
#ifndef POSTRIDER_RELAY_H
#define POSTRIDER_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "composed.h"
#include "config.h"

enum outcome {
	OUTCOME_SENT, /* the dot got 2xx; see each recipient's verdict */
	OUTCOME_DEFERRED, /* try again: before the dot, or a 4xx reply */
	OUTCOME_REJECTED, /* 5xx to the mail or to every recipient */
	OUTCOME_UNSENT, /* surely not sent, not the mail's fault: release */
	OUTCOME_UNKNOWN, /* the dot was sent, no complete reply came */
	OUTCOME__MAX
};
extern const char *const outcome_names[OUTCOME__MAX];

enum verdict {
	VERDICT_NONE, /* not answered */
	VERDICT_ACCEPTED, /* 2xx to RCPT (taken only if the dot got 2xx) */
	VERDICT_RETRY, /* 4xx */
	VERDICT_REFUSED, /* 5xx */
	VERDICT__MAX
};

/* One RCPT TO. */
struct envelope_recipient {
	const char *address; /* borrowed from the owner of the transaction */
	enum verdict verdict; /* filled in by the relay, as are these: */
	int code; /* 0: no reply */
	char *reply; /* "250 2.1.5 Ok", lines joined by \n; owned by
				* the transaction's owner (free) */
};

struct span;

/*
 * One mail on its way. The owner fills the first part and keeps everything
 * alive until `done`; the relay fills the second before it calls `done`.
 */
struct transaction {
	const char *id; /* for logs, as is this: */
	const char *traceparent; /* NULL or "": none */
	struct span *span; /* told of each step; NULL: nobody asks */
	const char *sender; /* MAIL FROM, "" is <> */
	struct envelope_recipient *recipients;
	size_t recipients_len; /* >= 1 */
	const struct composed *message; /* ends with CRLF, not stuffed */
	bool smtputf8; /* an address or a header field of it is not ASCII */
	/*
	 * Called once, when all but the dot can be written: true says that it
	 * may be sent, and that the caller has noted so (journal D). False: it
	 * must not (lease gone): the connection is closed, outcome UNSENT; with
	 * `waits` set it is asked again, on a turn after that is cleared.
	 */
	bool (*may_dot)(struct transaction *);
	/*
	 * Exactly once; may free it, and may call relay_submit. On the loop,
	 * never from inside relay_submit.
	 */
	void (*done)(struct transaction *, enum outcome);
	bool waits; /* for an answer that it needs before the dot */

	/* filled in by the relay */
	int code; /* of the reply that decided, 0: none */
	char reply[512]; /* that reply, or what went wrong, one line, UTF-8 */
	const char *phase; /* how far it came: a dialogue_phase_names; NULL: it
			    * met no relay */
	const char *reason; /* of a mail that cannot be said to this relay: a
			     * word of docs/protocol.md; NULL: none */
	const char *relay; /* which one it was given to */
	/* the relay's own */
	struct transaction *next;
	size_t rcpt_replies;
	int64_t dot_at;
};

struct relay_options {
	uv_loop_t *loop;
	const struct config *config; /* borrowed: smtp_*, pipeline_wait,
				      * reconnect_* */
	/*
	 * Dots that are allowed are sent together, once a loop turn: this is
	 * called right before (journal to disk). -1: none may be sent; they end
	 * UNSENT.
	 */
	int (*commit)(void *arg);
	/* relay_room() has grown, or the relay's state has changed. */
	void (*room)(void *arg);
	void *arg;
};

struct relay;

struct relay *relay_new(const struct relay_options *);

/*
 * How many mails wait for a connection outside (not claimed). The relay opens
 * connections for them, as far as limits and its pauses after failures allow.
 */
void relay_demand(struct relay *, size_t waiting);

/*
 * How many transactions should be submitted: each connection that is ready has
 * one for the mail in hand and, while its relay answers quickly, one for the
 * next (whose envelope goes behind the dot) and one ahead, which is there when
 * a place comes free.
 */
size_t relay_room(const struct relay *);

/*
 * Takes it. Without a place it waits for the next one, as long as one may come
 * soon; else it ends UNSENT on a later turn of the loop.
 */
void relay_submit(struct relay *, struct transaction *);

enum relay_state {
	RELAY_IDLE, /* no connection, none wanted */
	RELAY_UP, /* at least one connection is ready, or the last was */
	RELAY_DOWN, /* the last attempt to connect failed */
	RELAY_STATE__MAX
};
extern const char *const relay_state_names[RELAY_STATE__MAX];

struct relay_status {
	enum relay_state state;
	int64_t since; /* wall clock ms */
	int64_t latency; /* ms of the last connect, -1: none yet */
	size_t connections;
	const char *last_error; /* "" when none; good until the next call */
};
void relay_get_status(const struct relay *, struct relay_status *);

/*
 * Clean stop: no new connection; mails whose dot was sent are waited for, the
 * others end UNSENT. `closed` is called when no transaction is left.
 */
void relay_stop(struct relay *, void (*closed)(void *arg), void *arg);
/* Closes what is open; transactions in hand end UNKNOWN or UNSENT. */
void relay_free(struct relay *);

#endif
