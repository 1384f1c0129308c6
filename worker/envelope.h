/* SPDX-License-Identifier: MIT */
/*
 * The envelope of a transaction: its commands as bytes, and what the replies to
 * them say about its recipients. No I/O, no state but the transaction's.
 */
#ifndef POSTRIDER_ENVELOPE_H
#define POSTRIDER_ENVELOPE_H

#include <stdbool.h>

#include "buffer.h"
#include "relay.h"
#include "reply.h"
#include "reply_class.h"

/*
 * Whether its addresses can stand in commands: nothing in them ends a line or
 * a path, and with SMTPUTF8 they are UTF-8, else ASCII. The last fence;
 * addresses are checked properly where they come in.
 */
bool envelope_is_safe(const struct transaction *);

/* Forgets what an attempt before this one has left in it. */
void envelope_reset(struct transaction *);

/*
 * `offers`: bits of enum ehlo_keyword; SMTPUTF8 is one if the mail needs it. The
 * size is declared, and reports are asked for, of failures and delays, with the
 * job's id, where the relay knows of that.
 */
void envelope_add_mail(struct buffer *, const struct transaction *,
    unsigned offers);
void envelope_add_rcpt(struct buffer *, const struct envelope_recipient *,
    unsigned offers);
void envelope_add_data(struct buffer *);

/* The reply to RCPT of the recipient `rcpt_replies`, which is then counted. */
void envelope_take_rcpt(struct transaction *, const struct reply *,
    enum reply_class);

/* This reply decides. */
void envelope_decide(struct transaction *, const struct reply *);
/* No reply decides, but this. */
void envelope_explain(struct transaction *, const char *why);
/* The relay does not offer SMTPUTF8, and this mail needs it. */
void envelope_explain_smtputf8(struct transaction *);
/* It takes messages of at most `most` bytes, and this one is larger. */
void envelope_explain_size(struct transaction *, size_t most);

/*
 * After replies to every RCPT, none of which accepted: DEFERRED when one may
 * do so later, else REJECTED. A recipient's reply decides.
 */
enum outcome envelope_without_recipients(struct transaction *);

/* The outcome of a mail that a reply of this class has decided. */
enum outcome envelope_outcome(enum reply_class);

#endif
