/* SPDX-License-Identifier: MIT */
/*
 * The SMTP dialogue on one connection (RFC 5321, RFC 2920) as a state machine:
 * replies in, bytes to write out, outcomes. No I/O and no clock; session.c
 * brings both. Replies come in the order of the commands, so the phase always
 * names the command that the next reply belongs to.
 */
#ifndef POSTRIDER_DIALOGUE_H
#define POSTRIDER_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "connected_at.h"
#include "ehlo.h"
#include "relay.h"
#include "reply.h"
#include "reply_class.h"
#include "stuffing.h"

enum dialogue_phase {
	DIALOGUE_IDLE, /* nothing is said; a mail may wait in `current` */
	DIALOGUE_RSET,
	DIALOGUE_MAIL,
	DIALOGUE_RCPT, /* of the recipient `rcpt_replies` */
	DIALOGUE_DATA,
	DIALOGUE_MESSAGE, /* 354 came: the message is on its way */
	DIALOGUE_HELD, /* the last piece waits for the word to send the dot */
	DIALOGUE_FINAL, /* the piece with the dot is on its way */
	DIALOGUE_DOT, /* the dot is sent */
	DIALOGUE_DROPPED, /* a lone dot to 354 for nobody; its reply is nothing */
	DIALOGUE_CLOSED,
	DIALOGUE_PHASE__MAX
};
extern const char *const dialogue_phase_names[DIALOGUE_PHASE__MAX];

/* How a connection ended, as the relay's health goes. */
enum dialogue_end {
	DIALOGUE_DONE, /* by us, or by the relay after it had served */
	DIALOGUE_UNPROVEN, /* it connected and answered no MAIL */
	DIALOGUE_REFUSED /* whatever the mail: it is broken, or our settings */
};

struct dialogue {
	unsigned offers; /* of the relay's EHLO: bits of enum ehlo_keyword */
	size_t size_max; /* of a message it takes; 0: it tells none */
	enum dialogue_phase phase;
	/* The session's clock, in ms, to tell how long phases take; or NULL. */
	int64_t (*now)(const void *session);
	const void *session;
	struct connected_at connected; /* for its first mail's trace */
	int64_t mails; /* that had their turn */
	int64_t since; /* when what smtp_phase calls a phase began */
	struct transaction *current; /* whose replies come now */
	struct transaction *next; /* follows it on this connection */
	bool next_written; /* its envelope is behind the dot of `current` */
	bool spoilt; /* so is one that was taken back: no more mails */
	bool stale; /* an envelope without a message: RSET first */
	bool proven; /* it has answered a MAIL */
	enum reply_class mail_class; /* of the reply to MAIL of `current` */
	size_t accepted; /* recipients of `current` */
	struct stuffing message;
	struct buffer commands; /* to be written */
};

enum dialogue_step_kind {
	STEP_NONE,
	STEP_FINISHED, /* `transaction` has `outcome`; the dialogue goes on */
	STEP_ENDED /* close; `outcome` is what `current` comes to */
};

/* What a call led to. At most one mail ends by it. */
struct dialogue_step {
	enum dialogue_step_kind kind;
	struct transaction *transaction;
	enum outcome outcome;
	enum dialogue_end end;
	const char *why; /* STEP_ENDED; good until the reader's next reply */
};

static inline bool
dialogue_pipelines(const struct dialogue *dialogue)
{
	return (dialogue->offers & EHLO_PIPELINING) != 0;
}

void dialogue_free(struct dialogue *);

/* How many are in hand: none, `current`, or both. */
size_t dialogue_count(const struct dialogue *);
/* Whether another mail could be said, now or after those in hand. */
bool dialogue_goes_on(const struct dialogue *);
/* Only when `current` or `next` is free. */
void dialogue_add(struct dialogue *, struct transaction *);
/* IDLE, and `current` waits: says its envelope, or refuses it. */
struct dialogue_step dialogue_begin(struct dialogue *);
/* FINAL or DOT: says the envelope of `next` behind the dot. */
void dialogue_follow(struct dialogue *);
/* Takes `next` back; it must not be sent any more. NULL: there was none. */
struct transaction *dialogue_take_back(struct dialogue *);

/* `all_written`: nothing of ours waits for the socket. */
struct dialogue_step dialogue_reply(struct dialogue *, const struct reply *,
    bool all_written);

/*
 * Writes up to `room` bytes of what is to be said now, `empty` when nothing is
 * before them in their piece. HELD follows when the message has come to its
 * end; then room for dialogue_dot() is left.
 */
size_t dialogue_fill(struct dialogue *, char *out, size_t room, bool empty);
#define DIALOGUE_DOT_MAX 5 /* bytes */
/* HELD: writes the dot to `out`; its length. FINAL follows. */
size_t dialogue_dot(struct dialogue *, char *out);
/* FINAL: the dot's last byte is sent. */
void dialogue_dot_sent(struct dialogue *);

/* What it means for `current` that the connection is lost now. */
enum outcome dialogue_loss(const struct dialogue *);
enum dialogue_end dialogue_end_of(const struct dialogue *);
void dialogue_close(struct dialogue *);

/* -- between dialogue.c and dialogue_reply.c ------------------------------- */

/* The one place where the phase changes. */
void dialogue_enter(struct dialogue *, enum dialogue_phase);
/* MAIL of `current` is said: its reply comes next. */
void dialogue_await_mail(struct dialogue *);
/* As much of the envelope as may be said before replies. */
void dialogue_say_envelope(struct dialogue *, const struct transaction *);
/* `current` is done with; the next one comes into its place. */
struct dialogue_step dialogue_finish(struct dialogue *, enum outcome);

#endif
