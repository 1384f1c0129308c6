/* SPDX-License-Identifier: MIT */
/* The messages in hand: claimed in order, as the relay has room. */
#include "intake.h"

#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "heartbeat.h"
#include "log.h"
#include "timestamp.h"
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
 * and only one such claim is under way. Files of 10 MB are there three times
 * while they are read (hiredis' buffer, the reply, the message), texts twice
 * more (the JSON, the job).
 */
#define MESSAGES_MAX (32 * 1024 * 1024) /* bytes */

struct list {
	struct delivery *first, *last;
	size_t len;
};

struct intake {
	struct worker *worker;
	struct consumer *consumer;
	struct list waiting, in_hand;
	size_t claims; /* asked, not answered */
	bool fetching; /* one of them brings a payload */
	size_t bytes; /* of the messages in hand */
	int64_t newest; /* see struct intake_progress */
	bool paused, stopping;
	uv_timer_t timer;
	uv_prepare_t turn; /* acks of one turn are handed over together */
	unsigned handles;
	void (*drained)(void *arg);
	void *drained_arg;
};

static void
append(struct list *list, struct delivery *d)
{
	d->next = NULL;
	d->prev = list->last;
	if (list->last != NULL)
		list->last->next = d;
	else
		list->first = d;
	list->last = d;
	list->len++;
}

static void
take_out(struct list *list, struct delivery *d)
{
	if (d->prev != NULL)
		d->prev->next = d->next;
	else
		list->first = d->next;
	if (d->next != NULL)
		d->next->prev = d->prev;
	else
		list->last = d->prev;
	list->len--;
}

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

	while ((d = intake->waiting.first) != NULL) {
		take_out(&intake->waiting, d);
		if (requeue)
			intake_requeue(intake, d->tag);
		delivery_free(d);
	}
}

/* When it came into the queue: Redis TIME, as its publisher knew it. */
static int64_t
came_at(const struct delivery *d)
{
	return d->hint.published_at > d->hint.next_at ? d->hint.published_at :
							d->hint.next_at;
}

/* What a wrong clock or an older program says is no measure. */
static void
note_progress(struct intake *intake, const struct delivery *d)
{
	int64_t at = came_at(d);

	if (at > intake->newest &&
	    at <= heartbeat_redis_time(intake->worker->heartbeat))
		intake->newest = at;
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
			note_progress(intake, d);
		append(d->state == DELIVERY_WAITING ? &intake->waiting :
						      &intake->in_hand,
		    d);
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
 * With the relay away nothing is held: what waits goes back for others, and
 * one wish stays, so that the relay is tried again.
 */
static void
follow_relay(struct intake *intake)
{
	struct relay_status relay;

	relay_get_status(intake->worker->relay, &relay);
	if (!intake->paused && relay.state == RELAY_DOWN) {
		intake->paused = true;
		consumer_pause(intake->consumer, true);
		drop_waiting(intake, true);
	} else if (intake->paused && relay.state != RELAY_DOWN) {
		intake->paused = false;
		consumer_pause(intake->consumer, false);
	}
}

/* The first that waits and may be claimed, for all that memory says. */
static struct delivery *
find_claimable(const struct intake *intake)
{
	const bool full = intake->fetching || intake->bytes > MESSAGES_MAX;
	struct delivery *d = intake->waiting.first;

	while (d != NULL && full && d->hint.by_id)
		d = d->next;
	return d;
}

void
intake_pump(struct intake *intake)
{
	struct relay *relay = intake->worker->relay;
	struct delivery *d;

	if (intake->stopping || intake->consumer == NULL)
		return;
	follow_relay(intake);
	/* Without the lease no dot may be sent: the heartbeat pumps again. */
	while ((d = find_claimable(intake)) != NULL &&
	    intake->claims < relay_room(relay) &&
	    heartbeat_holds(intake->worker->heartbeat)) {
		take_out(&intake->waiting, d);
		append(&intake->in_hand, d);
		intake->claims++;
		intake->fetching = intake->fetching || d->hint.by_id;
		delivery_claim(d);
	}
	relay_demand(relay,
	    intake->paused ? 1 : intake->waiting.len + intake->claims);
}

void
intake_claim_answered(struct intake *intake, const struct delivery *d)
{
	intake->claims--;
	if (d->hint.by_id)
		intake->fetching = false;
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

static void
check_drained(struct intake *intake)
{
	if (intake->stopping && intake->in_hand.len == 0 &&
	    intake->drained != NULL) {
		intake->drained(intake->drained_arg);
		intake->drained = NULL;
	}
}

void
intake_ended(struct intake *intake, struct delivery *d)
{
	take_out(&intake->in_hand, d);
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
	intake->timer.data = intake->turn.data = intake;
	intake->handles = 2;
	/* None of these fails on a fresh handle. */
	(void)uv_timer_init(worker->loop, &intake->timer);
	(void)uv_timer_start(&intake->timer, ack_old, every, every);
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
		take_out(&intake->in_hand, d);
		delivery_free(d);
	}
	uv_close((uv_handle_t *)&intake->timer, on_closed);
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
	count->waiting = intake->waiting.len;
	count->in_hand = intake->in_hand.len;
}

void
intake_get_progress(const struct intake *intake,
    struct intake_progress *progress)
{
	const struct delivery *d;
	int64_t at;

	progress->newest = intake->newest;
	progress->waiting = 0;
	for (d = intake->waiting.first; d != NULL; d = d->next) {
		at = came_at(d);
		if (at > 0 &&
		    (progress->waiting == 0 || at < progress->waiting))
			progress->waiting = at;
	}
}

int64_t
intake_empty_for(const struct intake *intake)
{
	return intake->consumer != NULL ? consumer_empty_for(intake->consumer) :
					  -1;
}

bool
intake_has(const struct intake *intake, const char *id, int64_t claim_seq)
{
	const struct delivery *d;

	for (d = intake->in_hand.first; d != NULL; d = d->next)
		if (d->claim_seq == claim_seq &&
		    strcmp(d->hint.job.id, id) == 0)
			return true;
	return false;
}
