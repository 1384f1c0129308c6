/* SPDX-License-Identifier: MIT */
/*
 * The dialogue's phases, and what is said in them. What the replies do is
 * dialogue_reply.c.
 */
#include "dialogue.h"

#include <assert.h>
#include <string.h>

#include "envelope.h"
#include "log.h"
#include "span.h"
#include "traceparent.h"
#include "worker_metrics.h"

const char *const dialogue_phase_names[DIALOGUE_PHASE__MAX] = {
	[DIALOGUE_IDLE] = "idle",
	[DIALOGUE_RSET] = "RSET",
	[DIALOGUE_MAIL] = "MAIL",
	[DIALOGUE_RCPT] = "RCPT",
	[DIALOGUE_DATA] = "DATA",
	[DIALOGUE_MESSAGE] = "message",
	[DIALOGUE_HELD] = "held dot",
	[DIALOGUE_FINAL] = "last piece",
	[DIALOGUE_DOT] = "dot",
	[DIALOGUE_DROPPED] = "lone dot",
	[DIALOGUE_CLOSED] = "closed",
};

#define BIT(phase) (1U << DIALOGUE_##phase)

/* Which phases may follow; CLOSED always may. */
static const unsigned phases_after[DIALOGUE_PHASE__MAX] = {
	[DIALOGUE_IDLE] = BIT(RSET) | BIT(MAIL),
	[DIALOGUE_RSET] = BIT(MAIL),
	[DIALOGUE_MAIL] = BIT(RCPT) | BIT(IDLE),
	[DIALOGUE_RCPT] = BIT(DATA) | BIT(IDLE),
	[DIALOGUE_DATA] = BIT(MESSAGE) | BIT(DROPPED) | BIT(IDLE),
	[DIALOGUE_MESSAGE] = BIT(HELD),
	[DIALOGUE_HELD] = BIT(FINAL),
	[DIALOGUE_FINAL] = BIT(DOT),
	[DIALOGUE_DOT] = BIT(MAIL) | BIT(IDLE),
	[DIALOGUE_DROPPED] = BIT(IDLE),
	[DIALOGUE_CLOSED] = 0,
};

/* What a phase's time is counted as. */
static const enum smtp_phase counted_as[DIALOGUE_PHASE__MAX] = {
	[DIALOGUE_MAIL] = SMTP_PHASE_MAIL,
	[DIALOGUE_RCPT] = SMTP_PHASE_RCPT,
	[DIALOGUE_DATA] = SMTP_PHASE_DATA,
	[DIALOGUE_MESSAGE] = SMTP_PHASE_MESSAGE,
	[DIALOGUE_HELD] = SMTP_PHASE_MESSAGE,
	[DIALOGUE_FINAL] = SMTP_PHASE_MESSAGE,
	[DIALOGUE_DOT] = SMTP_PHASE_DOT,
};

/* What a trace is told when a phase begins. */
static const char *const span_events[SMTP_PHASE__MAX] = {
	[SMTP_PHASE_MAIL] = "smtp.mail",
	[SMTP_PHASE_RCPT] = "smtp.rcpt",
	[SMTP_PHASE_DATA] = "smtp.data",
	[SMTP_PHASE_MESSAGE] = "smtp.message",
	[SMTP_PHASE_DOT] = "smtp.dot",
};

static const struct dialogue_step no_step = { .kind = STEP_NONE };

/* The first mail of a connection has waited for it, too. */
static void
trace_connection(struct span *span, const struct connected_at *at)
{
	span_event_at(span, "smtp.connect", at->tcp);
	if (at->tls > 0)
		span_event_at(span, "smtp.tls", at->tls);
}

static void
trace(struct dialogue *dialogue, enum smtp_phase phase)
{
	struct span *span =
	    dialogue->current != NULL ? dialogue->current->span : NULL;

	if (phase == SMTP_PHASE_MAIL && dialogue->mails++ == 0 && span != NULL)
		trace_connection(span, &dialogue->connected);
	if (span == NULL || phase == SMTP_PHASE_NONE)
		return;
	if (phase == SMTP_PHASE_MAIL)
		span_number(span, "smtp.connection.mail", dialogue->mails);
	span_event(span, span_events[phase]);
}

static void
count_time(struct dialogue *dialogue, enum dialogue_phase next)
{
	const enum smtp_phase over = counted_as[dialogue->phase];
	int64_t now;

	if (dialogue->now == NULL || over == counted_as[next])
		return;
	now = dialogue->now(dialogue->session);
	if (over != SMTP_PHASE_NONE)
		metrics_observe(&metric_smtp_phase, over,
		    now - dialogue->since);
	trace(dialogue, counted_as[next]);
	dialogue->since = now;
}

static void
tell(const struct dialogue *dialogue, enum dialogue_phase before)
{
	const struct transaction *t = dialogue->current;
	const char *trace = t != NULL && t->traceparent != NULL ?
	    traceparent_id(t->traceparent) :
	    NULL;

	log_debug("session", "from", dialogue_phase_names[before], "to",
	    dialogue_phase_names[dialogue->phase], "id",
	    t != NULL ? t->id : NULL, "trace", trace, NULL);
}

/* The one place where the phase changes. */
void
dialogue_enter(struct dialogue *dialogue, enum dialogue_phase phase)
{
	const enum dialogue_phase before = dialogue->phase;

	if (phase != DIALOGUE_CLOSED &&
	    (phases_after[before] & (1U << phase)) == 0) {
		log_error("an SMTP session took a step that is none", "from",
		    dialogue_phase_names[before], "to",
		    dialogue_phase_names[phase], NULL);
		assert(false); /* a bug: the tests stop here */
	}
	count_time(dialogue, phase);
	dialogue->phase = phase;
	if (dialogue->current != NULL && phase != DIALOGUE_IDLE &&
	    phase != DIALOGUE_DROPPED && phase != DIALOGUE_CLOSED)
		dialogue->current->phase = dialogue_phase_names[phase];
	tell(dialogue, before);
}

void
dialogue_free(struct dialogue *dialogue)
{
	buffer_free(&dialogue->commands);
}

void
dialogue_close(struct dialogue *dialogue)
{
	dialogue_enter(dialogue, DIALOGUE_CLOSED);
}

/* -- steps ----------------------------------------------------------------- */

void
dialogue_await_mail(struct dialogue *dialogue)
{
	dialogue->mail_class = REPLY_OK;
	dialogue->accepted = 0;
	dialogue_enter(dialogue, DIALOGUE_MAIL);
}

/* `current` is done with; the next one comes into its place. */
struct dialogue_step
dialogue_finish(struct dialogue *dialogue, enum outcome outcome)
{
	const struct dialogue_step step = { .kind = STEP_FINISHED,
		.transaction = dialogue->current,
		.outcome = outcome };
	const bool written = dialogue->next_written;

	dialogue->current = dialogue->next;
	dialogue->next = NULL;
	dialogue->next_written = false;
	if (written)
		dialogue_await_mail(dialogue);
	else if (dialogue->phase != DIALOGUE_IDLE &&
	    dialogue->phase != DIALOGUE_DROPPED)
		dialogue_enter(dialogue, DIALOGUE_IDLE);
	return step;
}

enum outcome
dialogue_loss(const struct dialogue *dialogue)
{
	switch (dialogue->phase) {
	case DIALOGUE_IDLE:
	case DIALOGUE_DROPPED: /* `current` is the next one already */
	case DIALOGUE_RSET:
		return OUTCOME_UNSENT;
	case DIALOGUE_MAIL:
		/*
		 * A connection used before may have ended before our envelope
		 * came: no attempt. A fresh one has ended because of it.
		 */
		return dialogue->proven ? OUTCOME_UNSENT : OUTCOME_DEFERRED;
	case DIALOGUE_RCPT:
	case DIALOGUE_DATA:
		return dialogue->mail_class == REPLY_OK ?
		    OUTCOME_DEFERRED :
		    envelope_outcome(dialogue->mail_class);
	case DIALOGUE_DOT:
		return OUTCOME_UNKNOWN;
	case DIALOGUE_MESSAGE:
	case DIALOGUE_HELD:
	case DIALOGUE_FINAL:
	case DIALOGUE_CLOSED:
	case DIALOGUE_PHASE__MAX:
		break;
	}
	return OUTCOME_DEFERRED;
}

enum dialogue_end
dialogue_end_of(const struct dialogue *dialogue)
{
	return dialogue->proven ? DIALOGUE_DONE : DIALOGUE_UNPROVEN;
}

size_t
dialogue_count(const struct dialogue *dialogue)
{
	return (size_t)(dialogue->current != NULL) +
	    (size_t)(dialogue->next != NULL);
}

bool
dialogue_goes_on(const struct dialogue *dialogue)
{
	return dialogue->phase != DIALOGUE_CLOSED &&
	    dialogue->phase != DIALOGUE_DROPPED && !dialogue->spoilt;
}

/* -- envelopes ------------------------------------------------------------- */

void
dialogue_add(struct dialogue *dialogue, struct transaction *transaction)
{
	envelope_reset(transaction);
	if (dialogue->current == NULL)
		dialogue->current = transaction;
	else
		dialogue->next = transaction;
}

/* As much of the envelope as may be said before replies. */
void
dialogue_say_envelope(struct dialogue *dialogue,
    const struct transaction *transaction)
{
	size_t i;

	envelope_add_mail(&dialogue->commands, transaction, dialogue->offers);
	if (!dialogue_pipelines(dialogue))
		return;
	for (i = 0; i < transaction->recipients_len; i++)
		envelope_add_rcpt(&dialogue->commands,
		    &transaction->recipients[i], dialogue->offers);
	envelope_add_data(&dialogue->commands);
}

/* RFC 6531 3.2: to a relay without SMTPUTF8 such a mail is not sent at all. */
static bool
lacks_smtputf8(const struct dialogue *dialogue,
    const struct transaction *transaction)
{
	return transaction->smtputf8 && (dialogue->offers & EHLO_SMTPUTF8) == 0;
}

/* RFC 1870 6.1: nothing is gained by saying it all the same. */
static bool
lacks_room(const struct dialogue *dialogue,
    const struct transaction *transaction)
{
	return dialogue->size_max > 0 &&
	    composed_len(transaction->message) > dialogue->size_max;
}

struct dialogue_step
dialogue_begin(struct dialogue *dialogue)
{
	const bool rset = dialogue->stale;

	if (!envelope_is_safe(dialogue->current)) {
		envelope_explain(dialogue->current,
		    "an address that cannot be said in SMTP");
		return dialogue_finish(dialogue, OUTCOME_REJECTED);
	}
	if (lacks_smtputf8(dialogue, dialogue->current)) {
		envelope_explain_smtputf8(dialogue->current);
		return dialogue_finish(dialogue, OUTCOME_REJECTED);
	}
	if (lacks_room(dialogue, dialogue->current)) {
		envelope_explain_size(dialogue->current, dialogue->size_max);
		return dialogue_finish(dialogue, OUTCOME_REJECTED);
	}
	dialogue->stale = false;
	if (rset)
		buffer_add_text(&dialogue->commands, "RSET\r\n");
	if (!rset || dialogue_pipelines(dialogue))
		dialogue_say_envelope(dialogue, dialogue->current);
	if (rset)
		dialogue_enter(dialogue, DIALOGUE_RSET);
	else
		dialogue_await_mail(dialogue);
	return no_step;
}

void
dialogue_follow(struct dialogue *dialogue)
{
	if (dialogue->next == NULL || dialogue->next_written ||
	    !dialogue_pipelines(dialogue) ||
	    !envelope_is_safe(dialogue->next) ||
	    lacks_smtputf8(dialogue, dialogue->next) ||
	    lacks_room(dialogue, dialogue->next))
		return;
	dialogue_say_envelope(dialogue, dialogue->next);
	dialogue->next_written = true;
}

struct transaction *
dialogue_take_back(struct dialogue *dialogue)
{
	struct transaction *next = dialogue->next;

	dialogue->spoilt = dialogue->spoilt || dialogue->next_written;
	dialogue->next = NULL;
	dialogue->next_written = false;
	return next;
}

/* -- bytes ----------------------------------------------------------------- */

static size_t
fill_message(struct dialogue *dialogue, char *out, size_t room)
{
	const size_t n =
	    stuffing_fill(&dialogue->message, out, room - DIALOGUE_DOT_MAX);

	if (stuffing_is_done(&dialogue->message))
		dialogue_enter(dialogue, DIALOGUE_HELD);
	return n;
}

size_t
dialogue_fill(struct dialogue *dialogue, char *out, size_t room, bool empty)
{
	struct buffer *commands = &dialogue->commands;
	const size_t n = commands->len < room ? commands->len : room;

	if (dialogue->phase == DIALOGUE_MESSAGE)
		return empty ? fill_message(dialogue, out, room) : 0;
	if (n == 0)
		return 0;
	memcpy(out, commands->data, n);
	buffer_drop(commands, n);
	return n;
}

size_t
dialogue_dot(struct dialogue *dialogue, char *out)
{
	static const char dot[] = "\r\n.\r\n";
	/* The message ends with CR LF; should it not, it does now. */
	const size_t skip = dialogue->message.line_start ? 2 : 0;

	memcpy(out, dot + skip, sizeof(dot) - 1 - skip);
	dialogue_enter(dialogue, DIALOGUE_FINAL);
	return sizeof(dot) - 1 - skip;
}

void
dialogue_dot_sent(struct dialogue *dialogue)
{
	dialogue_enter(dialogue, DIALOGUE_DOT);
}
