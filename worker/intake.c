/* SPDX-License-Identifier: MIT */
/* The messages in hand: claimed in order, as the relay has room. */
#include "intake.h"

#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "heartbeat.h"
#include "known_store.h"
#include "log.h"
#include "postpone.h"
#include "timestamp.h"
#include "waiting.h"
#include "worker.h"

/*
 * Messages in hand for each session: three with the relay, the others on their
 * way from and to Redis and the broker.
 */
#define PREFETCH_FACTOR 8
/*
 * A delivery held longer than ACK_AFTER pins the broker's Raft log; once its D
 * is written, Redis and the journal own the job, and it can be acked. Looked at
 * so many times in that time.
 */
#define ACK_LOOKS 6

/*
 * What mails in hand may take of memory: no mail too large for its hint, whose
 * payload comes from Redis, is claimed while their messages are more than this,
 * and only one such claim is under way. Files are in memory once, texts twice
 * while one form of them is made of the other: tests/cost/memory.py.
 */
#define MESSAGES_MAX (32 * 1024 * 1024) /* bytes */

struct intake {
	struct worker *worker;
	struct consumer *consumer;
	struct waiting waiting;
	struct delivery_list in_hand;
	size_t claims; /* asked, not answered */
	bool fetching; /* one of them brings a payload */
	size_t bytes; /* of the messages in hand */
	bool paused, stopping;
	uv_timer_t timer;
	uv_timer_t turns; /* of mails that wait for theirs */
	uv_prepare_t turn; /* acks of one turn are handed over together */
	unsigned handles;
	void (*drained)(void *arg);
	void *drained_arg;
};

/* After intake_close the broker delivers again what was not acked. */
void
intake_ack(struct intake *intake, struct consumed_tag tag)
{
	if (intake->consumer != NULL)
		consumer_ack(intake->consumer, tag);
}

void
intake_requeue(struct intake *intake, struct consumed_tag tag)
{
	if (intake->consumer != NULL)
		consumer_requeue(intake->consumer, tag);
}

/* -- from the consumer's thread ----------------------------------------------- */

struct batch {
	struct loop_task task;
	struct intake *intake;
	struct consumed *messages; /* NULL: the connection was lost */
};

static void
drop_waiting(struct intake *intake, bool requeue)
{
	struct delivery *d;

	while ((d = waiting_drop(&intake->waiting)) != NULL) {
		if (requeue)
			intake_requeue(intake, d->tag);
		delivery_free(d);
	}
}

static void
take_messages(struct intake *intake, struct consumed *messages)
{
	struct consumed *m, *next;
	struct delivery *d;
	bool first;

	for (m = messages; m != NULL; m = next) {
		next = m->next;
		if (intake->stopping || intake->paused) {
			intake_requeue(intake, m->tag);
			consumed_free(m);
			continue;
		}
		first = m->first;
		d = delivery_new(intake->worker, m);
		if (first)
			waiting_note(&intake->waiting, d,
			    heartbeat_redis_time(intake->worker->heartbeat));
		if (d->state == DELIVERY_WAITING)
			waiting_add(&intake->waiting, d);
		else
			delivery_list_append(&intake->in_hand, d);
	}
}

static void
run_batch(struct loop_task *task)
{
	struct batch *batch = (struct batch *)task;
	struct intake *intake = batch->intake;

	if (batch->messages == NULL)
		drop_waiting(intake, false);
	else
		take_messages(intake, batch->messages);
	free(batch);
	intake_pump(intake);
}

static void
post(struct intake *intake, struct consumed *messages)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (batch == NULL)
		abort();
	batch->task.run = run_batch;
	batch->intake = intake;
	batch->messages = messages;
	loop_inbox_post(&intake->worker->inbox, &batch->task);
}

static void
on_messages(void *arg, struct consumed *list)
{
	post(arg, list);
}

static void
on_lost(void *arg, uint32_t epoch)
{
	(void)epoch; /* what waits is all of epochs that are gone */
	post(arg, NULL);
}

/* -- claiming ------------------------------------------------------------------- */

/*
 * With the relay away, a store that is another, or all mail paused, nothing is
 * held: what waits goes back for others. One wish stays, so that the relay is tried again.
 */
static void
follow_others(struct intake *intake)
{
	const struct worker *worker = intake->worker;
	bool in_the_way;

	in_the_way = relays_are_down(worker->relays, RELAYS_ALL) ||
	    worker->pause.since != 0 ||
	    known_store_is_other(worker->known_store);
	if (intake->paused == in_the_way)
		return;
	intake->paused = in_the_way;
	consumer_pause(intake->consumer, in_the_way);
	if (in_the_way)
		drop_waiting(intake, true);
}

static size_t
wishes(const struct intake *intake)
{
	int64_t next;

	if (known_store_is_other(intake->worker->known_store) ||
	    intake->worker->pause.since != 0)
		return 0;
	if (intake->paused)
		return 1;
	return waiting_ready(&intake->waiting, timestamp_monotonic(), &next) +
	    intake->claims;
}

/* For all that memory says. */
static bool
may_be_claimed(void *arg, const struct delivery *d)
{
	const struct intake *intake = arg;

	return (d->turn_at == 0 || d->turn_at <= timestamp_monotonic()) &&
	    relays_have_room(intake->worker->relays, delivery_route(d)) &&
	    (!d->hint.by_id ||
		(!intake->fetching && intake->bytes <= MESSAGES_MAX));
}

/* How many mails wait for each relay that may take them. */
static void
tell_demand(struct intake *intake)
{
	struct relays *relays = intake->worker->relays;
	size_t i, waiting[RELAY_LIST_MAX] = { wishes(intake) };
	const size_t len = relays_len(relays);
	const struct delivery *d;
	relay_set route;
	int lane;

	for (i = 1; i < len; i++)
		waiting[i] = 0;
	for (lane = 0; len > 1 && !intake->paused && lane < LANE__MAX; lane++)
		for (d = intake->waiting.lines[lane].first; d != NULL;
		     d = d->next) {
			route = delivery_route(d);
			for (i = 1; i < len; i++)
				waiting[i] += route >> i & 1;
		}
	relays_demand(relays, waiting);
}

static bool
has_no_relay(void *arg, const struct delivery *d)
{
	const struct intake *intake = arg;

	return relays_are_down(intake->worker->relays, delivery_route(d));
}

/* What no relay takes now must not stand in the way of the rest. */
static void
postpone_some(struct intake *intake)
{
	struct delivery *d;

	if (intake->paused || relays_len(intake->worker->relays) == 1)
		return;
	while ((d = waiting_take(&intake->waiting, has_no_relay, intake)) !=
	    NULL) {
		delivery_list_append(&intake->in_hand, d);
		delivery_postpone(d, POSTPONE_RELAY);
	}
}

void
intake_pump(struct intake *intake)
{
	struct relays *relays = intake->worker->relays;
	struct delivery *d;

	if (intake->stopping || intake->consumer == NULL)
		return;
	follow_others(intake);
	postpone_some(intake);
	/* Without the lease no dot may be sent: the heartbeat pumps again. */
	while (relays_have_room(relays, RELAYS_ALL) &&
	    known_store_is_same(intake->worker->known_store) &&
	    heartbeat_holds(intake->worker->heartbeat) &&
	    (d = waiting_take(&intake->waiting, may_be_claimed, intake)) !=
		NULL) {
		delivery_list_append(&intake->in_hand, d);
		intake->claims++;
		d->relay = relays_expect(relays, delivery_route(d));
		intake->fetching = intake->fetching || d->hint.by_id;
		delivery_claim(d);
	}
	tell_demand(intake);
}

void
intake_claim_answered(struct intake *intake, const struct delivery *d)
{
	intake->claims--;
	relays_expect_no_more(intake->worker->relays, d->relay);
	if (d->hint.by_id)
		intake->fetching = false;
}

static void
check_drained(struct intake *intake)
{
	if (intake->stopping && intake->in_hand.len == 0 &&
	    intake->drained != NULL) {
		intake->drained(intake->drained_arg);
		intake->drained = NULL;
	}
}

static void
on_turns(uv_timer_t *timer)
{
	struct intake *intake = timer->data;
	int64_t next;

	intake_pump(intake);
	(void)waiting_ready(&intake->waiting, timestamp_monotonic(), &next);
	if (next != -1) /* no way to fail on an open handle */
		(void)uv_timer_start(timer, on_turns, (uint64_t)next, 0);
}

void
intake_wait(struct intake *intake, struct delivery *d, int64_t ms)
{
	uv_timer_t *timer = &intake->turns;

	delivery_list_take(&intake->in_hand, d);
	delivery_enter(d, DELIVERY_WAITING);
	d->turn_at = timestamp_monotonic() + ms;
	waiting_add(&intake->waiting, d);
	if (intake->stopping || intake->paused)
		drop_waiting(intake, true);
	else if (!uv_is_active((uv_handle_t *)timer) ||
	    uv_timer_get_due_in(timer) > (uint64_t)ms)
		(void)uv_timer_start(timer, on_turns, (uint64_t)ms, 0);
	check_drained(intake);
}

void
intake_hold(struct intake *intake, size_t bytes)
{
	intake->bytes += bytes;
}

void
intake_release(struct intake *intake, size_t bytes)
{
	intake->bytes -= bytes;
}

void
intake_ended(struct intake *intake, struct delivery *d)
{
	delivery_list_take(&intake->in_hand, d);
	delivery_free(d);
	check_drained(intake);
}

static void
ack_old(uv_timer_t *timer)
{
	struct intake *intake = timer->data;
	struct delivery *d;

	for (d = intake->in_hand.first; d != NULL; d = d->next)
		if (d->dotted &&
		    timestamp_monotonic() - d->claimed_at >
			intake->worker->config->ack_after)
			delivery_ack(d);
}

static void
on_turn(uv_prepare_t *turn)
{
	struct intake *intake = turn->data;

	if (intake->consumer != NULL)
		consumer_flush(intake->consumer);
}

/* -- coming and going ------------------------------------------------------------ */

struct intake *
intake_new(struct worker *worker)
{
	struct intake *intake = calloc(1, sizeof(*intake));
	uint64_t every = (uint64_t)worker->config->ack_after / ACK_LOOKS;

	if (intake == NULL)
		abort();
	intake->worker = worker;
	intake->timer.data = intake->turn.data = intake->turns.data = intake;
	intake->handles = 3;
	/* None of these fails on a fresh handle. */
	(void)uv_timer_init(worker->loop, &intake->timer);
	(void)uv_timer_start(&intake->timer, ack_old, every, every);
	(void)uv_timer_init(worker->loop, &intake->turns);
	(void)uv_prepare_init(worker->loop, &intake->turn);
	(void)uv_prepare_start(&intake->turn, on_turn);
	return intake;
}

int
intake_start(struct intake *intake)
{
	struct consumer_options options = {
		.config = intake->worker->config,
		.prefetch = (uint16_t)(PREFETCH_FACTOR *
		    intake->worker->config->smtp_connections),
		.depth_every = intake->worker->config->sweep_interval,
		.messages = on_messages,
		.lost = on_lost,
		.arg = intake,
	};

	intake->consumer = consumer_new(&options);
	return intake->consumer != NULL ? 0 : -1;
}

void
intake_stop(struct intake *intake, void (*drained)(void *arg), void *arg)
{
	intake->stopping = true;
	intake->drained = drained;
	intake->drained_arg = arg;
	if (intake->consumer != NULL)
		consumer_pause(intake->consumer, true);
	drop_waiting(intake, true);
	check_drained(intake);
}

void
intake_close(struct intake *intake)
{
	consumer_free(intake->consumer);
	intake->consumer = NULL;
}

static void
on_closed(uv_handle_t *handle)
{
	struct intake *intake = handle->data;

	if (--intake->handles == 0)
		free(intake);
}

void
intake_free(struct intake *intake)
{
	struct delivery *d;

	if (intake == NULL)
		return;
	drop_waiting(intake, false);
	while ((d = intake->in_hand.first) != NULL) {
		delivery_list_take(&intake->in_hand, d);
		delivery_free(d);
	}
	uv_close((uv_handle_t *)&intake->timer, on_closed);
	uv_close((uv_handle_t *)&intake->turns, on_closed);
	uv_close((uv_handle_t *)&intake->turn, on_closed);
}

enum broker_state
intake_state(const struct intake *intake)
{
	return intake->consumer != NULL ? consumer_state(intake->consumer) :
					  BROKER_DOWN;
}

void
intake_get_count(const struct intake *intake, struct intake_count *count)
{
	count->waiting = waiting_len(&intake->waiting);
	count->in_hand = intake->in_hand.len;
}

struct intake_lane
intake_get_lane(const struct intake *intake, enum lane lane)
{
	struct intake_lane of = { .depth = -1, .empty_for = -1 };
	struct consumer_depth depth;

	of.progress = waiting_get_progress(&intake->waiting, lane);
	if (intake->consumer == NULL)
		return of;
	depth = consumer_get_depth(intake->consumer, lane);
	of.depth = depth.messages;
	if (depth.messages == 0)
		of.empty_for = timestamp_monotonic() - depth.measured_at;
	return of;
}

bool
intake_has(const struct intake *intake, const char *id, int64_t claim_seq)
{
	const struct delivery *d;

	for (d = intake->in_hand.first; d != NULL; d = d->next)
		if ((d->claim_seq == claim_seq ||
			d->state == DELIVERY_CLAIMING) &&
		    strcmp(d->hint.job.id, id) == 0)
			return true;
	return false;
}
