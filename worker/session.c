/* SPDX-License-Identifier: MIT */
/*
 * The dialogue on its wire: reads replies, writes what the dialogue says, keeps
 * the time limits, and tells each mail's outcome.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "deadline.h"
#include "envelope.h"
#include "reply.h"
#include "wire.h"

#define READ_SIZE 4096

struct session {
	struct session_options options;
	struct dialogue dialogue;
	struct reply_reader reader;
	bool overdue; /* PIPELINE_WAIT has passed without the dot's reply */
	bool retired;
	size_t mails_left; /* that it may still take */
	size_t dot_end; /* FINAL: the dot's end in the wire's piece */
	struct deadline deadline;
	unsigned handles; /* open ones */
	struct wire wire;
};

static int64_t
loop_time(const void *session)
{
	return (int64_t)uv_now(((const struct session *)session)->options.loop);
}

/* -- its end --------------------------------------------------------------- */

static void
let_go(struct session *session)
{
	if (--session->handles > 0)
		return;
	session->options.gone(session->options.arg, session);
	dialogue_free(&session->dialogue);
	reply_reader_free(&session->reader);
	free(session);
}

static void
on_wire_closed(struct wire *wire)
{
	let_go(
	    (struct session *)((char *)wire - offsetof(struct session, wire)));
}

static void
on_deadline_closed(struct deadline *deadline)
{
	let_go((struct session *)((char *)deadline -
	    offsetof(struct session, deadline)));
}

static void
end(struct session *session, enum outcome outcome, enum dialogue_end how,
    const char *why)
{
	struct transaction *next = dialogue_take_back(&session->dialogue);
	struct transaction *current = session->dialogue.current;

	dialogue_close(&session->dialogue);
	session->dialogue.current = NULL;
	wire_close(&session->wire, on_wire_closed);
	deadline_close(&session->deadline, on_deadline_closed);
	session->options.ended(session->options.arg, how, why);
	if (next != NULL)
		envelope_explain(next, why);
	if (current != NULL) {
		if (current->reply[0] == '\0')
			envelope_explain(current, why);
		current->done(current, outcome);
	}
	if (next != NULL)
		next->done(next, OUTCOME_UNSENT);
}

static void
end_lost(struct session *session, const char *what)
{
	const struct dialogue *dialogue = &session->dialogue;
	struct buffer why = { 0 };

	buffer_printf(&why, "%s (%s)", what,
	    dialogue_phase_names[dialogue->phase]);
	end(session, dialogue_loss(dialogue), dialogue_end_of(dialogue),
	    why.data);
	buffer_free(&why);
}

/* Between mails; QUIT is said where it can be, and not waited for. */
static void
end_politely(struct session *session, const char *why)
{
	static const char quit[] = "QUIT\r\n";

	if (!wire_is_pending(&session->wire)) {
		memcpy(wire_space(&session->wire), quit, sizeof(quit) - 1);
		wire_added(&session->wire, sizeof(quit) - 1);
		(void)wire_send(&session->wire);
	}
	end(session, OUTCOME_UNSENT, DIALOGUE_DONE, why);
}

/* -- time limits ----------------------------------------------------------- */

static void
renew_deadline(struct session *session)
{
	const struct config *config = session->options.config;
	int64_t limit = config->smtp_timeout;

	if (session->dialogue.phase == DIALOGUE_IDLE)
		limit = config->smtp_idle;
	else if (session->dialogue.phase == DIALOGUE_DOT)
		limit = config->pipeline_wait < config->smtp_dot_timeout ?
		    config->pipeline_wait :
		    config->smtp_dot_timeout;
	deadline_set(&session->deadline, loop_time(session) + limit);
}

/* The dot's reply is late: what waits behind it goes elsewhere. */
static void
take_next_back(struct session *session)
{
	struct transaction *next = dialogue_take_back(&session->dialogue);

	if (next == NULL)
		return;
	envelope_explain(next, "the mail before it waits for its reply");
	next->done(next, OUTCOME_UNSENT);
}

static void
handle_late_dot(struct session *session)
{
	const struct config *config = session->options.config;
	const int64_t dot_at = session->dialogue.current->dot_at;

	if (loop_time(session) - dot_at >= config->smtp_dot_timeout) {
		end_lost(session, "no reply in time");
		return;
	}
	session->overdue = true;
	deadline_set(&session->deadline, dot_at + config->smtp_dot_timeout);
	session->options.paced(session->options.arg,
	    loop_time(session) - dot_at);
	take_next_back(session);
}

static void
on_deadline(struct deadline *deadline)
{
	struct session *session = (struct session *)((char *)deadline -
	    offsetof(struct session, deadline));

	if (session->dialogue.phase == DIALOGUE_IDLE &&
	    !session->options.may_end(session->options.arg))
		renew_deadline(session);
	else if (session->dialogue.phase == DIALOGUE_IDLE)
		end_politely(session, "idle");
	else if (session->dialogue.phase == DIALOGUE_DOT)
		handle_late_dot(session);
	else
		end_lost(session, "no reply in time");
}

/* -- reading --------------------------------------------------------------- */

static void
apply(struct session *session, const struct dialogue_step *step)
{
	if (step->kind == STEP_ENDED)
		end(session, step->outcome, step->end, step->why);
	else if (step->kind == STEP_FINISHED)
		step->transaction->done(step->transaction, step->outcome);
}

static void
take_reply(struct session *session)
{
	struct dialogue *dialogue = &session->dialogue;
	struct dialogue_step step;

	if (dialogue->phase == DIALOGUE_DOT) {
		session->overdue = false;
		session->options.paced(session->options.arg,
		    loop_time(session) - dialogue->current->dot_at);
	}
	step = dialogue_reply(dialogue, &session->reader.reply,
	    !wire_is_pending(&session->wire));
	renew_deadline(session);
	if (step.kind == STEP_FINISHED)
		session->options.served(session->options.arg);
	apply(session, &step);
}

static void
take_bytes(struct session *session, const char *bytes, size_t len)
{
	enum reply_progress progress;
	size_t used;

	while (len > 0 && session_is_open(session)) {
		progress = reply_read(&session->reader, bytes, len, &used);
		if (progress == REPLY_FAULTY)
			end_lost(session, session->reader.fault);
		else if (progress == REPLY_COMPLETE)
			take_reply(session);
		bytes += used;
		len -= used;
	}
}

static void
read_replies(struct session *session)
{
	enum wire_result result;
	char in[READ_SIZE];
	size_t len = 0;

	do {
		result = wire_receive(&session->wire, in, sizeof(in), &len);
		if (result == WIRE_OK)
			take_bytes(session, in, len);
		else if (result == WIRE_CLOSED)
			end_lost(session, "closed by the relay");
		else if (result == WIRE_BROKEN)
			end_lost(session, session->wire.error);
		/* Without TLS a short read has emptied the socket. */
	} while (session_is_open(session) && result == WIRE_OK &&
	    (session->wire.tls || len == sizeof(in)));
}

/* -- writing --------------------------------------------------------------- */

static size_t
fill(struct session *session)
{
	struct wire *wire = &session->wire;
	const size_t room = wire_room(wire);
	char *space = wire_space(wire);
	const size_t n = dialogue_fill(&session->dialogue, space, room,
	    !wire_is_pending(wire));

	wire_added(wire, n);
	return n;
}

/* What the relay says before it breaks a connection may still be readable. */
static void
handle_broken_write(struct session *session)
{
	const char *error = session->wire.error;

	read_replies(session);
	if (session_is_open(session))
		end_lost(session, error);
}

/* After a send, complete or not: is the dot out? */
static void
note_progress(struct session *session)
{
	struct dialogue *dialogue = &session->dialogue;

	if (dialogue->phase == DIALOGUE_FINAL &&
	    session->wire.sent >= session->dot_end) {
		dialogue->current->dot_at = loop_time(session);
		dialogue_dot_sent(dialogue);
		renew_deadline(session);
	} else if (dialogue->phase == DIALOGUE_MESSAGE) {
		renew_deadline(session);
	}
}

static void
write_out(struct session *session)
{
	struct wire *wire = &session->wire;
	enum wire_result result = WIRE_OK;
	size_t turn = 0;

	while (result == WIRE_OK) {
		turn += fill(session);
		if (!wire_is_pending(wire) ||
		    session->dialogue.phase == DIALOGUE_HELD)
			return;
		result = wire_send(wire);
		note_progress(session);
		if (result == WIRE_OK && turn >= WIRE_TURN) {
			wire_want_write(wire);
			return;
		}
	}
	if (result == WIRE_BROKEN)
		handle_broken_write(session);
}

static void
on_event(struct wire *wire, int events)
{
	struct session *session =
	    (struct session *)((char *)wire - offsetof(struct session, wire));

	if ((events & UV_READABLE) != 0)
		read_replies(session);
	if ((events & UV_WRITABLE) != 0 && session_is_open(session))
		write_out(session);
}

/* -- transactions ---------------------------------------------------------- */

static bool
may_follow(const struct session *session)
{
	const struct dialogue *dialogue = &session->dialogue;

	if (!*session->options.quick || !dialogue_pipelines(dialogue) ||
	    session->retired || session->overdue)
		return false;
	return dialogue->phase != DIALOGUE_DOT || dialogue->current == NULL ||
	    loop_time(session) - dialogue->current->dot_at <
	    session->options.config->pipeline_wait / 2;
}

/* How many more there may be until so many are in hand. */
static size_t
count_free(const struct session *session, size_t most)
{
	const size_t in_hand = dialogue_count(&session->dialogue);
	const size_t left = session->mails_left;

	if (!dialogue_goes_on(&session->dialogue) || session->retired ||
	    session->overdue || most <= in_hand)
		return 0;
	return most - in_hand < left ? most - in_hand : left;
}

size_t
session_places(const struct session *session)
{
	return count_free(session, may_follow(session) ? 2 : 1);
}

size_t
session_room(const struct session *session)
{
	return count_free(session, may_follow(session) ? 3 : 1);
}

void
session_submit(struct session *session, struct transaction *transaction)
{
	session->mails_left--;
	dialogue_add(&session->dialogue, transaction);
}

static void
begin_next(struct session *session)
{
	struct dialogue *dialogue = &session->dialogue;
	struct dialogue_step step;

	while (dialogue->phase == DIALOGUE_IDLE && dialogue->current != NULL) {
		step = dialogue_begin(dialogue);
		renew_deadline(session);
		apply(session, &step);
	}
}

void
session_flush(struct session *session)
{
	struct dialogue *dialogue = &session->dialogue;

	begin_next(session);
	if (dialogue->phase == DIALOGUE_IDLE &&
	    (session->retired || session->mails_left == 0))
		end_politely(session, "no more mails for it");
	if (dialogue->phase == DIALOGUE_DOT && may_follow(session))
		dialogue_follow(dialogue);
	if (session_is_open(session) && !session->wire.blocked)
		write_out(session);
}

struct transaction *
session_held(const struct session *session)
{
	return session->dialogue.phase == DIALOGUE_HELD ?
	    session->dialogue.current :
	    NULL;
}

void
session_allow_dot(struct session *session)
{
	struct wire *wire = &session->wire;

	wire_added(wire, dialogue_dot(&session->dialogue, wire_space(wire)));
	session->dot_end = wire->len;
	renew_deadline(session);
	if (may_follow(session))
		dialogue_follow(&session->dialogue);
	write_out(session);
}

void
session_refuse_dot(struct session *session, const char *why)
{
	end(session, OUTCOME_UNSENT, dialogue_end_of(&session->dialogue), why);
}

/* -- questions, and its life ----------------------------------------------- */

bool
session_is_open(const struct session *session)
{
	return session->dialogue.phase != DIALOGUE_CLOSED;
}

bool
session_is_empty(const struct session *session)
{
	return session->dialogue.current == NULL;
}

bool
session_is_proven(const struct session *session)
{
	return session->dialogue.proven;
}

bool
session_is_overdue(const struct session *session)
{
	return session->overdue;
}

void
session_retire(struct session *session)
{
	const enum dialogue_phase phase = session->dialogue.phase;

	session->retired = true;
	if (phase == DIALOGUE_FINAL || phase == DIALOGUE_DOT)
		take_next_back(session);
	else if (phase == DIALOGUE_IDLE)
		end_politely(session, "stopping");
	else if (phase != DIALOGUE_CLOSED)
		end(session, OUTCOME_UNSENT, DIALOGUE_DONE, "stopping");
}

void
session_abort(struct session *session)
{
	const bool dot = session->dialogue.phase == DIALOGUE_DOT;

	if (session_is_open(session))
		end(session, dot ? OUTCOME_UNKNOWN : OUTCOME_UNSENT,
		    DIALOGUE_DONE, "stopped");
}

struct session *
session_new(const struct session_options *options,
    const struct connected *connected)
{
	struct session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		abort();
	session->options = *options;
	session->mails_left =
	    (size_t)options->config->smtp_mails_per_connection;
	session->dialogue = (struct dialogue){ .offers = connected->keywords,
		.size_max = connected->size_max,
		.connected = connected->at,
		.now = loop_time,
		.session = session };
	if (wire_open(&session->wire, options->loop, connected->curl,
		connected->tls, on_event) != 0) {
		free(session);
		return NULL;
	}
	deadline_open(&session->deadline, options->loop, on_deadline);
	session->handles = 2;
	renew_deadline(session);
	/* libcurl counts the handle as used from its first recv on. */
	read_replies(session);
	return session;
}
