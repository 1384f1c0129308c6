/* SPDX-License-Identifier: MIT */
/* What a reply does, phase by phase. */
#include "dialogue.h"
#include "envelope.h"

/* As what a reply in a phase counts. */
static const enum reply_to replies_to[DIALOGUE_PHASE__MAX] = {
	[DIALOGUE_IDLE] = REPLY_TO_RSET,
	[DIALOGUE_RSET] = REPLY_TO_RSET,
	[DIALOGUE_MAIL] = REPLY_TO_MAIL,
	[DIALOGUE_RCPT] = REPLY_TO_RCPT,
	[DIALOGUE_DATA] = REPLY_TO_DATA,
	[DIALOGUE_MESSAGE] = REPLY_TO_MESSAGE,
	[DIALOGUE_HELD] = REPLY_TO_MESSAGE,
	[DIALOGUE_FINAL] = REPLY_TO_MESSAGE,
	[DIALOGUE_DOT] = REPLY_TO_MESSAGE,
	[DIALOGUE_DROPPED] = REPLY_TO_MESSAGE,
	[DIALOGUE_CLOSED] = REPLY_TO_RSET,
};

static const struct dialogue_step no_step = { .kind = STEP_NONE };

static struct dialogue_step
end(enum outcome outcome, enum dialogue_end how, const char *why)
{
	return (struct dialogue_step){ .kind = STEP_ENDED,
		.outcome = outcome,
		.end = how,
		.why = why };
}

/* 421, or no answer to what was asked: nothing more can be said here. */
static struct dialogue_step
handle_break(struct dialogue *dialogue, const struct reply *reply,
    enum reply_class class)
{
	const bool begun = dialogue->phase != DIALOGUE_IDLE &&
	    dialogue->phase != DIALOGUE_DROPPED;
	enum outcome outcome = dialogue_loss(dialogue);

	if (dialogue->phase == DIALOGUE_DOT && class == REPLY_CLOSING)
		outcome = OUTCOME_DEFERRED;
	if (begun)
		envelope_decide(dialogue->current, reply);
	return end(outcome, dialogue_end_of(dialogue), reply->text);
}

/*
 * The relay does not work for us at all: no mail is to blame. After MAIL it may
 * be this one all the same, so it is an attempt: else it would be tried without
 * an end.
 */
static struct dialogue_step
handle_refusal(struct dialogue *dialogue, const struct reply *reply)
{
	const enum outcome outcome = dialogue->phase == DIALOGUE_MAIL ?
	    OUTCOME_UNSENT :
	    OUTCOME_DEFERRED;

	envelope_reset(dialogue->current);
	envelope_decide(dialogue->current, reply);
	return end(outcome, DIALOGUE_REFUSED, reply->text);
}

/* RSET's 2xx. */
static struct dialogue_step
handle_rset(struct dialogue *dialogue)
{
	if (!dialogue_pipelines(dialogue))
		dialogue_say_envelope(dialogue, dialogue->current);
	dialogue_await_mail(dialogue);
	return no_step;
}

static struct dialogue_step
handle_mail(struct dialogue *dialogue, const struct reply *reply,
    enum reply_class class)
{
	dialogue->proven = true;
	dialogue->mail_class = class;
	if (class != REPLY_OK) {
		dialogue->stale = true;
		envelope_decide(dialogue->current, reply);
		if (!dialogue_pipelines(dialogue))
			return dialogue_finish(dialogue,
			    envelope_outcome(class));
	}
	dialogue_enter(dialogue, DIALOGUE_RCPT);
	if (!dialogue_pipelines(dialogue))
		envelope_add_rcpt(&dialogue->commands,
		    &dialogue->current->recipients[0], dialogue->offers);
	return no_step;
}

/* The outcome when nobody is there to get the message. */
static enum outcome
outcome_without_message(struct dialogue *dialogue)
{
	if (dialogue->mail_class != REPLY_OK)
		return envelope_outcome(dialogue->mail_class);
	return envelope_without_recipients(dialogue->current);
}

static struct dialogue_step
handle_last_rcpt(struct dialogue *dialogue)
{
	if (!dialogue_pipelines(dialogue) && dialogue->accepted == 0) {
		dialogue->stale = true;
		return dialogue_finish(dialogue,
		    outcome_without_message(dialogue));
	}
	dialogue_enter(dialogue, DIALOGUE_DATA);
	if (!dialogue_pipelines(dialogue))
		envelope_add_data(&dialogue->commands);
	return no_step;
}

static struct dialogue_step
handle_rcpt(struct dialogue *dialogue, const struct reply *reply,
    enum reply_class class)
{
	struct transaction *transaction = dialogue->current;

	if (class == REPLY_OK)
		dialogue->accepted++;
	/* After a refused MAIL it says nothing about the recipient. */
	if (dialogue->mail_class == REPLY_OK)
		envelope_take_rcpt(transaction, reply, class);
	else
		transaction->rcpt_replies++;
	if (transaction->rcpt_replies == transaction->recipients_len)
		return handle_last_rcpt(dialogue);
	if (!dialogue_pipelines(dialogue))
		envelope_add_rcpt(&dialogue->commands,
		    &transaction->recipients[transaction->rcpt_replies],
		    dialogue->offers);
	return no_step;
}

static struct dialogue_step
handle_go_ahead(struct dialogue *dialogue)
{
	const struct transaction *transaction = dialogue->current;

	if (dialogue->accepted == 0) {
		/* RFC 2920 3.1: it is to nobody, a lone dot ends it. */
		buffer_add_text(&dialogue->commands, ".\r\n");
		dialogue->stale = true;
		dialogue_enter(dialogue, DIALOGUE_DROPPED);
		return dialogue_finish(dialogue,
		    outcome_without_message(dialogue));
	}
	/* MAIL refused, yet RCPT accepted: a lone dot could send something. */
	if (dialogue->mail_class != REPLY_OK)
		return end(outcome_without_message(dialogue), DIALOGUE_DONE,
		    "354 after MAIL was refused");
	stuffing_begin(&dialogue->message, transaction->message);
	dialogue_enter(dialogue, DIALOGUE_MESSAGE);
	return no_step;
}

static struct dialogue_step
handle_data(struct dialogue *dialogue, const struct reply *reply,
    enum reply_class class)
{
	if (class == REPLY_GO_AHEAD)
		return handle_go_ahead(dialogue);
	dialogue->stale = true;
	if (dialogue->mail_class != REPLY_OK || dialogue->accepted == 0)
		return dialogue_finish(dialogue,
		    outcome_without_message(dialogue));
	envelope_decide(dialogue->current, reply);
	return dialogue_finish(dialogue, envelope_outcome(class));
}

/* Before the dot only a refusal can be meant. The dot is never sent. */
static struct dialogue_step
handle_early(struct dialogue *dialogue, const struct reply *reply,
    enum reply_class class)
{
	envelope_decide(dialogue->current, reply);
	return end(class == REPLY_REJECT_MAIL ? OUTCOME_REJECTED :
						OUTCOME_DEFERRED,
	    DIALOGUE_DONE, "a reply before the dot");
}

static struct dialogue_step
handle_dot(struct dialogue *dialogue, const struct reply *reply,
    enum reply_class class)
{
	envelope_decide(dialogue->current, reply);
	if (dialogue->spoilt)
		return end(envelope_outcome(class), DIALOGUE_DONE,
		    "an envelope was taken back");
	return dialogue_finish(dialogue, envelope_outcome(class));
}

static struct dialogue_step
handle_reply(struct dialogue *dialogue, const struct reply *reply,
    enum reply_class class)
{
	switch (dialogue->phase) {
	case DIALOGUE_RSET:
		return handle_rset(dialogue);
	case DIALOGUE_MAIL:
		return handle_mail(dialogue, reply, class);
	case DIALOGUE_RCPT:
		return handle_rcpt(dialogue, reply, class);
	case DIALOGUE_DATA:
		return handle_data(dialogue, reply, class);
	case DIALOGUE_MESSAGE:
	case DIALOGUE_HELD:
	case DIALOGUE_FINAL:
		return handle_early(dialogue, reply, class);
	case DIALOGUE_DOT:
		return handle_dot(dialogue, reply, class);
	case DIALOGUE_DROPPED:
		dialogue_enter(dialogue, DIALOGUE_IDLE);
		return no_step;
	case DIALOGUE_IDLE:
	case DIALOGUE_CLOSED:
	case DIALOGUE_PHASE__MAX:
		break;
	}
	return handle_break(dialogue, reply, class);
}

/*
 * After a refused MAIL the envelope's other replies are only counted; so is the
 * one to DATA when no recipient was accepted ("503 no valid recipients").
 */
static bool
is_counted_only(const struct dialogue *dialogue)
{
	if (dialogue->phase == DIALOGUE_RCPT)
		return dialogue->mail_class != REPLY_OK;
	return dialogue->phase == DIALOGUE_DATA &&
	    (dialogue->mail_class != REPLY_OK || dialogue->accepted == 0);
}

struct dialogue_step
dialogue_reply(struct dialogue *dialogue, const struct reply *reply,
    bool all_written)
{
	const enum reply_class class =
	    reply_classify(replies_to[dialogue->phase], reply->code,
		&reply->enhanced);

	/* A reply to a DATA that the relay cannot have yet. */
	if (dialogue->phase == DIALOGUE_DATA &&
	    (!all_written || dialogue->commands.len > 0))
		return handle_break(dialogue, reply, REPLY_OUT_OF_STEP);
	if (class == REPLY_CLOSING)
		return handle_break(dialogue, reply, class);
	if (is_counted_only(dialogue))
		return handle_reply(dialogue, reply, class);
	if (class == REPLY_OUT_OF_STEP)
		return handle_break(dialogue, reply, class);
	if (class == REPLY_RELAY_BROKEN)
		return handle_refusal(dialogue, reply);
	return handle_reply(dialogue, reply, class);
}
