/* SPDX-License-Identifier: MIT */
/*
 * Handing mails to the connections of a pool. Everything is decided and written
 * once a loop turn, in on_turn(), right before the loop sleeps: dots that came
 * due in the same turn share one commit, and what was submitted during the turn
 * goes out with them. A mail without a place waits here for the next one, as
 * long as there may be one soon: it was claimed ahead, or its connection has
 * ended, or the relay is no longer quick.
 */
#include "relay.h"

#include <stdlib.h>

#include "envelope.h"
#include "pool.h"
#include "session.h"

const char *const outcome_names[OUTCOME__MAX] = {
	[OUTCOME_SENT] = "sent",
	[OUTCOME_DEFERRED] = "deferred",
	[OUTCOME_REJECTED] = "rejected",
	[OUTCOME_UNSENT] = "unsent",
	[OUTCOME_UNKNOWN] = "unknown",
};

const char *const relay_state_names[RELAY_STATE__MAX] = {
	[RELAY_IDLE] = "idle",
	[RELAY_UP] = "up",
	[RELAY_DOWN] = "down",
};

struct relay {
	struct relay_options options;
	struct pool pool;
	struct transaction *unplaced; /* submitted, in order */
	struct transaction **unplaced_end; /* the last one's `next` */
	size_t unplaced_len;
	size_t demand;
	size_t told_room; /* what the caller knows */
	bool submitted; /* something was, since the turn's last look */
	bool stopping;
	void (*closed)(void *arg); /* NULL: not stopping, or called */
	void *closed_arg;
	uv_prepare_t turn;
	uv_idle_t awake; /* while there is work for the next turn */
	bool freed;
	unsigned handles; /* open ones, the pool as one of them */
};

/* -- mails in -------------------------------------------------------------- */

size_t
relay_room(const struct relay *relay)
{
	size_t i, room = 0;

	if (relay->stopping)
		return 0;
	for (i = 0; i < relay->pool.sessions_len; i++)
		room += session_room(relay->pool.sessions[i]);
	return room > relay->unplaced_len ? room - relay->unplaced_len : 0;
}

static void
note_demand(struct relay *relay)
{
	relay->pool.demand = relay->demand + relay->unplaced_len;
}

void
relay_demand(struct relay *relay, size_t waiting)
{
	relay->demand = waiting;
	note_demand(relay);
}

/*
 * An empty connection before one where it would follow another mail; the first
 * in the list, so that those behind it may idle out.
 */
static struct session *
find_place(const struct relay *relay)
{
	struct session *session, *place = NULL;
	size_t i;

	if (relay->stopping)
		return NULL;
	for (i = 0; i < relay->pool.sessions_len; i++) {
		session = relay->pool.sessions[i];
		if (session_places(session) == 0)
			continue;
		if (session_is_empty(session))
			return session;
		if (place == NULL)
			place = session;
	}
	return place;
}

static void
on_awake(uv_idle_t *idle)
{
	(void)idle; /* an active idle handle keeps the loop from sleeping */
}

void
relay_submit(struct relay *relay, struct transaction *transaction)
{
	envelope_reset(transaction);
	transaction->next = NULL;
	*relay->unplaced_end = transaction;
	relay->unplaced_end = &transaction->next;
	relay->unplaced_len++;
	if (relay->demand > 0)
		relay->demand--;
	if (relay->told_room > 0)
		relay->told_room--;
	note_demand(relay);
	relay->submitted = true;
	if (!relay->freed)
		(void)uv_idle_start(&relay->awake, on_awake);
}

static struct transaction *
take_unplaced(struct relay *relay)
{
	struct transaction *first = relay->unplaced;

	relay->unplaced = first->next;
	if (relay->unplaced == NULL)
		relay->unplaced_end = &relay->unplaced;
	relay->unplaced_len--;
	note_demand(relay);
	first->next = NULL;
	return first;
}

static void
place(struct relay *relay)
{
	struct session *session;

	while (relay->unplaced != NULL && (session = find_place(relay)) != NULL)
		session_submit(session, take_unplaced(relay));
}

/*
 * Whether a place may come soon. A session that waits for a late reply to its
 * dot may do so for longer than a claimed mail should.
 */
static bool
may_be_placed(const struct relay *relay)
{
	return !relay->stopping &&
	    (relay->pool.connects_len > 0 ||
		pool_count(&relay->pool, session_is_open) >
		    pool_count(&relay->pool, session_is_overdue));
}

static void
end_unplaced(struct relay *relay)
{
	struct transaction *transaction;
	size_t n = relay->unplaced_len; /* not those that come meanwhile */

	for (; n > 0; n--) {
		transaction = take_unplaced(relay);
		envelope_explain(transaction,
		    "no connection to the relay is free");
		transaction->done(transaction, OUTCOME_UNSENT);
	}
}

/* -- dots ------------------------------------------------------------------ */

/* The mail that is held, unless it waits for an answer; or NULL. */
static struct transaction *
ready_for_dot(const struct session *session)
{
	struct transaction *held = session_held(session);

	return held != NULL && !held->waits ? held : NULL;
}

/* Asks may_dot for every mail that is ready for it; how many may. */
static size_t
ask_for_dots(struct relay *relay)
{
	struct session *session;
	struct transaction *held;
	size_t i, allowed = 0;

	for (i = 0; i < relay->pool.sessions_len; i++) {
		session = relay->pool.sessions[i];
		held = ready_for_dot(session);
		if (held == NULL)
			continue;
		if (held->may_dot(held))
			allowed++;
		else if (!held->waits)
			session_refuse_dot(session, "the dot was not allowed");
	}
	return allowed;
}

static void
send_dots(struct relay *relay)
{
	struct session *session;
	bool committed;
	size_t i;

	if (ask_for_dots(relay) == 0)
		return;
	committed = relay->options.commit(relay->options.arg) == 0;
	for (i = 0; i < relay->pool.sessions_len; i++) {
		session = relay->pool.sessions[i];
		if (ready_for_dot(session) == NULL)
			continue;
		if (committed)
			session_allow_dot(session);
		else
			session_refuse_dot(session,
			    "the journal could not be written");
	}
}

/* -- the turn -------------------------------------------------------------- */

static void
tell_room(struct relay *relay)
{
	const size_t room = relay_room(relay);
	const bool news = room > relay->told_room || relay->pool.changed;

	relay->told_room = room;
	relay->pool.changed = false;
	if (news && !relay->stopping)
		relay->options.room(relay->options.arg);
}

static void
flush_sessions(struct relay *relay)
{
	size_t i;

	for (i = 0; i < relay->pool.sessions_len; i++)
		session_flush(relay->pool.sessions[i]);
}

static void
tell_closed(struct relay *relay)
{
	void (*closed)(void *) = relay->closed;

	if (closed == NULL || relay->unplaced != NULL ||
	    pool_count(&relay->pool, session_is_empty) !=
		pool_count(&relay->pool, session_is_open))
		return;
	relay->closed = NULL;
	closed(relay->closed_arg);
}

static bool
is_any_held(const struct relay *relay)
{
	size_t i;

	for (i = 0; i < relay->pool.sessions_len; i++)
		if (ready_for_dot(relay->pool.sessions[i]) != NULL)
			return true;
	return false;
}

/* What came up after its step of this turn gets another turn at once. */
static bool
is_more_to_do(const struct relay *relay)
{
	return is_any_held(relay) || relay->submitted ||
	    (relay->unplaced != NULL && find_place(relay) != NULL) ||
	    (!relay->stopping &&
		(relay->pool.changed || relay_room(relay) > relay->told_room));
}

static void
on_turn(uv_prepare_t *prepare)
{
	struct relay *relay = prepare->data;

	relay->submitted = false; /* what comes from here on: another turn */
	tell_room(relay);
	place(relay);
	/* First what is to be written: a message's last piece is then held. */
	flush_sessions(relay);
	send_dots(relay);
	pool_grow(&relay->pool);
	if (!may_be_placed(relay))
		end_unplaced(relay);
	tell_closed(relay);
	if (relay->freed)
		return;
	if (is_more_to_do(relay))
		(void)uv_idle_start(&relay->awake, on_awake);
	else
		(void)uv_idle_stop(&relay->awake);
}

/* -- its life -------------------------------------------------------------- */

struct relay *
relay_new(const struct relay_options *options)
{
	struct relay *relay = calloc(1, sizeof(*relay));

	if (relay == NULL)
		abort();
	relay->options = *options;
	relay->unplaced_end = &relay->unplaced;
	pool_open(&relay->pool, options->loop, options->config);
	/* None of these can fail. */
	(void)uv_prepare_init(options->loop, &relay->turn);
	(void)uv_idle_init(options->loop, &relay->awake);
	relay->turn.data = relay->awake.data = relay;
	relay->handles = 3;
	(void)uv_prepare_start(&relay->turn, on_turn);
	return relay;
}

void
relay_get_status(const struct relay *relay, struct relay_status *status)
{
	const struct circuit *circuit = &relay->pool.circuit;

	status->state = circuit->state;
	status->since = circuit->since;
	status->latency = circuit->latency;
	status->connections = pool_count(&relay->pool, session_is_open);
	status->last_error = circuit->error;
}

void
relay_stop(struct relay *relay, void (*closed)(void *arg), void *arg)
{
	relay->stopping = true;
	relay->closed = closed;
	relay->closed_arg = arg;
	pool_stop(&relay->pool);
	(void)uv_idle_start(&relay->awake, on_awake);
}

/* The last handle that is closed takes the memory along. */
static void
let_go(struct relay *relay)
{
	if (--relay->handles == 0)
		free(relay);
}

static void
on_handle_closed(uv_handle_t *handle)
{
	let_go(handle->data);
}

static void
on_pool_closed(struct pool *pool)
{
	let_go((struct relay *)((char *)pool - offsetof(struct relay, pool)));
}

void
relay_free(struct relay *relay)
{
	relay->stopping = true;
	relay->freed = true;
	relay->closed = NULL;
	pool_close(&relay->pool, on_pool_closed);
	while (relay->unplaced != NULL)
		end_unplaced(relay);
	uv_close((uv_handle_t *)&relay->turn, on_handle_closed);
	uv_close((uv_handle_t *)&relay->awake, on_handle_closed);
}
