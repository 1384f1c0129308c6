/* SPDX-License-Identifier: MIT */
/*
 * One message of the work queue and the attempt it leads to: claim, send,
 * settle, publish what follows, ack. One struct, one destructor, one door for
 * its state. It knows what an outcome means; how SMTP is spoken is relay.c's.
 */
#ifndef POSTRIDER_DELIVERY_H
#define POSTRIDER_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "consumer.h"
#include "hint.h"
#include "relays.h"
#include "span.h"
#include "store.h"

struct worker;

enum delivery_state {
	DELIVERY_WAITING, /* for room at the relay; nothing is claimed */
	DELIVERY_CLAIMING, /* asked Redis for it */
	DELIVERY_SENDING, /* claimed, with the relay */
	DELIVERY_SETTLING, /* the outcome is on its way to Redis */
	DELIVERY_PUBLISHING, /* the next hint or the failed copy */
	DELIVERY_DONE, /* acked */
	DELIVERY_STATE__MAX
};
extern const char *const delivery_state_names[DELIVERY_STATE__MAX];

struct delivery {
	struct delivery *next, *prev; /* the intake's list */
	struct worker *worker;
	enum delivery_state state;
	struct consumed_tag tag;
	enum lane lane; /* of its message, then what Redis says of the mail */
	bool acked;
	struct hint hint;
	size_t relay; /* that counts on it while it is being claimed */
	bool postponed; /* after its release, it goes up the ladder */
	char *pace; /* of this claim: what limits it; NULL: nothing does */
	int64_t turn_at; /* WAITING: monotonic ms, not claimed before */
	char nonce[17]; /* the same at each repetition of this claim */
	unsigned recreations;

	/* of the claim */
	int64_t claim_seq, attempt, retry_count;
	int64_t expires_at; /* Redis TIME; 0: never */
	int64_t claimed_at; /* monotonic ms when that was asked for */
	char *payload; /* Redis' own text, where `message` borrows of it */
	struct composed message;
	struct transaction transaction;
	struct span *span,
	    *smtp; /* of the attempt; of what the relay is told */
	struct buffer masked_reply; /* its reply, as a trace tells it */
	struct buffer bounce_address; /* MAIL FROM, where From is not it */
	struct envelope_recipient *envelope;
	struct suppression_question *question; /* before the dot; NULL: none */
	int64_t asked_at; /* monotonic ms when Redis said who may have it */
	unsigned dotted; /* D's ticket in the journal; 0: there is none */
	enum outcome outcome;
	char reason[32]; /* why it failed, a word of docs/protocol.md */
};

/* Takes the message over. A poisonous one goes its own way and is freed. */
struct delivery *delivery_new(struct worker *, struct consumed *);
/* WAITING only: asks for the claim (claim.c). */
void delivery_claim(struct delivery *);
/* Frees it; nothing may refer to it any more. */
void delivery_free(struct delivery *);

/* Its trace's id, for the log; NULL: none. As traceparent_id(). */
const char *delivery_trace(const struct delivery *);

/* delivery_poison.c: the message is no job. */
void delivery_dismiss(struct delivery *, const struct consumed *,
    const char *why);

/* The ack, once. */
void delivery_ack(struct delivery *);

/* -- delivery_address.c ---------------------------------------------------- */

/*
 * The relays that may take it: those of the first of its recipients who still
 * waits and can be reached, else of the first. Others have another attempt.
 */
relay_set delivery_route(const struct delivery *);
/* Whether that recipient still waits, and goes that way. */
bool delivery_goes(const struct delivery *, size_t recipient, relay_set route);
/* Fills the envelope: who still waits, and goes that way. */
void delivery_address(struct delivery *);

/* -- for claim.c: the steps after a claim's answer ------------------------- */

/* The one door of the state. */
void delivery_enter(struct delivery *, enum delivery_state);
/* Claimed: to the relay. */
void delivery_send(struct delivery *);
/* Claimed, but cannot be sent at all: fails without having met the relay. */
void delivery_fail(struct delivery *, const char *reason, const char *text);
/* A new hint for that time, then the end. */
void delivery_hint(struct delivery *, int64_t next_at);
/* Ack and end. */
void delivery_finish(struct delivery *);

#endif
