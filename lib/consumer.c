/* SPDX-License-Identifier: MIT */
/*
 * The consumer's thread: hands on what the broker delivers and writes the acks
 * it is asked for. Nothing here knows what a message means.
 */
#include "consumer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ack_window.h"
#include "amqp_link.h"
#include "log.h"
#include "subscription.h"
#include "timestamp.h"
#include "wakeup.h"

#define TICK 1000 /* ms: heartbeats are sent from the loop's own turns */
#define TURN_MESSAGES 256 /* handed on together at most */
/*
 * Acks out of order wait this long for those before them, unless they are more
 * than this part of the prefetch: one frame for many is cheaper for both sides.
 */
#define ACK_WAIT 20 /* ms */
#define ACK_PART 4

struct answer {
	struct consumed_tag tag;
	bool requeue;
};

struct answers {
	struct answer *list;
	size_t len, size;
};

struct consumer {
	struct consumer_options options;
	pthread_t thread;
	int bell;

	pthread_mutex_t lock; /* for these: */
	struct answers asked;
	enum broker_state state;
	bool stopping, pause_wanted, rung;
	struct consumer_depth depth[LANE__MAX];

	/* the thread's own */
	struct amqp_link link;
	struct answers taken;
	struct ack_window window;
	int64_t kept_since; /* monotonic ms: acks that wait, 0: none */
	uint32_t epoch;
	int64_t measured_at; /* monotonic ms */
	struct subscription subscription;
};

void
consumed_free(struct consumed *message)
{
	free(message->body);
	free(message);
}

/* -- acks ------------------------------------------------------------------ */

static void
ask(struct consumer *c, struct consumed_tag tag, bool requeue)
{
	struct answers *a = &c->asked;

	pthread_mutex_lock(&c->lock);
	if (a->len == a->size) {
		a->size = a->size > 0 ? 2 * a->size : 64;
		a->list = realloc(a->list, a->size * sizeof(*a->list));
		if (a->list == NULL)
			abort();
	}
	a->list[a->len++] = (struct answer){ tag, requeue };
	pthread_mutex_unlock(&c->lock);
}

void
consumer_flush(struct consumer *c)
{
	bool ring;

	pthread_mutex_lock(&c->lock);
	ring = c->asked.len > 0 && !c->rung;
	c->rung = c->rung || ring;
	pthread_mutex_unlock(&c->lock);
	if (ring)
		wakeup_ring(c->bell);
}

void
consumer_ack(struct consumer *c, struct consumed_tag tag)
{
	ask(c, tag, false);
}

void
consumer_requeue(struct consumer *c, struct consumed_tag tag)
{
	ask(c, tag, true);
	consumer_flush(c);
}

static int
write_ack(void *arg, uint64_t tag, bool multiple)
{
	struct consumer *c = arg;

	return amqp_basic_ack(c->link.connection, AMQP_LINK_CHANNEL, tag,
		   multiple) == AMQP_STATUS_OK ?
	    0 :
	    -1;
}

static int
write_requeue(struct consumer *c, uint64_t tag)
{
	if (!ack_window_drop(&c->window, tag))
		return 0;
	return amqp_basic_reject(c->link.connection, AMQP_LINK_CHANNEL, tag,
		   1) == AMQP_STATUS_OK ?
	    0 :
	    -1;
}

/* Says what is wanted; what is out of order may wait, for a while. */
static int
flush_acks(struct consumer *c)
{
	const int64_t now = timestamp_monotonic();
	const bool late = c->kept_since > 0 && now - c->kept_since >= ACK_WAIT;
	const size_t keep = late ? 0 : c->options.prefetch / ACK_PART;
	const int status = ack_window_flush(&c->window, keep, write_ack, c);

	if (c->window.wanted_len == 0)
		c->kept_since = 0;
	else if (c->kept_since == 0)
		c->kept_since = now;
	return status;
}

static void
write_answers(struct consumer *c)
{
	struct answers swap = c->taken;
	struct answer *a;
	size_t i;
	int status = 0;

	pthread_mutex_lock(&c->lock);
	c->taken = c->asked;
	c->rung = false;
	swap.len = 0;
	c->asked = swap;
	pthread_mutex_unlock(&c->lock);
	for (i = 0;
	     status == 0 && c->link.connection != NULL && i < c->taken.len;
	     i++) {
		a = &c->taken.list[i];
		if (a->tag.epoch != c->epoch)
			continue; /* of a connection that is gone */
		if (a->requeue)
			status = write_requeue(c, a->tag.tag);
		else
			ack_window_want(&c->window, a->tag.tag);
	}
	if (status == 0 && c->link.connection != NULL)
		status = flush_acks(c);
	if (status == -1)
		amqp_link_close(&c->link, "an ack could not be written");
}

/* -- messages --------------------------------------------------------------- */

static struct consumed *
take(struct consumer *c, const amqp_basic_deliver_t *deliver)
{
	const int queue =
	    subscription_find(&c->subscription, deliver->consumer_tag);
	struct consumed *m = calloc(1, sizeof(*m));
	amqp_message_t message;

	if (m == NULL)
		abort();
	m->tag.tag = deliver->delivery_tag;
	m->tag.epoch = c->epoch;
	m->lane = queue < LANE__MAX ? (enum lane)queue : LANE_NORMAL;
	m->first = !deliver->redelivered && queue < LANE__MAX;
	if (amqp_link_message(&c->link, &message) == -1) {
		free(m);
		return NULL;
	}
	m->body_len = message.body.len;
	m->body = malloc(m->body_len + 1);
	if (m->body == NULL)
		abort();
	memcpy(m->body, message.body.bytes, m->body_len);
	m->body[m->body_len] = '\0';
	amqp_destroy_message(&message);
	ack_window_delivered(&c->window, m->tag.tag);
	return m;
}

/* Reads what there is; messages are handed on together. */
static void
read_frames(struct consumer *c)
{
	struct consumed *list = NULL, **end = &list;
	amqp_frame_t frame;
	int n = 0;

	while (n < TURN_MESSAGES && amqp_link_frame(&c->link, &frame) == 1) {
		if (frame.payload.method.id == AMQP_BASIC_CANCEL_METHOD) {
			amqp_link_close(&c->link,
			    "the broker ended the "
			    "consumer (queue deleted or moved)");
			break;
		}
		if (frame.payload.method.id != AMQP_BASIC_DELIVER_METHOD)
			continue;
		*end = take(c, frame.payload.method.decoded);
		if (*end == NULL)
			break;
		end = &(*end)->next;
		n++;
	}
	if (list != NULL)
		c->options.messages(c->options.arg, list);
}

/* -- the thread ------------------------------------------------------------ */

/* How much the queues have for anybody. */
static void
measure(struct consumer *c)
{
	struct consumer_depth depth;
	int lane;

	if (c->link.connection == NULL ||
	    timestamp_monotonic() - c->measured_at < c->options.depth_every)
		return;
	c->measured_at = timestamp_monotonic();
	for (lane = 0; lane < LANE__MAX && c->link.connection != NULL; lane++) {
		depth.measured_at = timestamp_monotonic();
		depth.messages =
		    subscription_measure(&c->subscription, (enum lane)lane);
		pthread_mutex_lock(&c->lock);
		c->depth[lane] = depth;
		pthread_mutex_unlock(&c->lock);
	}
}

static void
connect_again(struct consumer *c)
{
	if (timestamp_monotonic() < c->link.retry_at ||
	    amqp_link_connect(&c->link) == -1)
		return;
	c->epoch++;
	c->subscription.on = false;
	amqp_basic_qos(c->link.connection, AMQP_LINK_CHANNEL, 0,
	    c->options.prefetch, 0);
	/* What fails is logged and tried again: nothing to do here. */
	(void)subscription_is_fine(&c->subscription, "basic.qos failed");
}

/* Under the lock. */
static void
forget_depths(struct consumer *c)
{
	int lane;

	for (lane = 0; lane < LANE__MAX; lane++)
		c->depth[lane].messages = -1;
}

/* The state for others; what they want of us. False: stop. */
static bool
exchange_state(struct consumer *c, bool *pause)
{
	bool stopping;

	pthread_mutex_lock(&c->lock);
	c->state = c->link.connection == NULL ? BROKER_DOWN : BROKER_UP;
	if (c->link.connection == NULL)
		forget_depths(c);
	*pause = c->pause_wanted;
	stopping = c->stopping && c->asked.len == 0;
	pthread_mutex_unlock(&c->lock);
	return !stopping;
}

static int
pause_ms(const struct consumer *c)
{
	int64_t wait;

	if (c->link.connection != NULL && amqp_link_buffered(&c->link))
		return 0;
	if (c->link.connection != NULL)
		return c->kept_since > 0 ? ACK_WAIT : TICK;
	wait = c->link.retry_at - timestamp_monotonic();
	return wait < 0 ? 0 : wait > TICK ? TICK : (int)wait;
}

static void
turn(struct consumer *c, bool pause)
{
	bool was_up = c->link.connection != NULL;

	if (!was_up)
		connect_again(c);
	was_up = c->link.connection != NULL;
	if (was_up && c->subscription.on == pause)
		subscription_set(&c->subscription, !pause);
	measure(c);
	write_answers(c);
	if (c->link.connection != NULL)
		read_frames(c);
	if (was_up && c->link.connection == NULL) {
		ack_window_clear(&c->window);
		c->kept_since = 0;
		c->options.lost(c->options.arg, c->epoch);
	}
}

static void *
run(void *arg)
{
	struct consumer *c = arg;
	bool pause = true;

	while (exchange_state(c, &pause)) {
		turn(c, pause);
		wakeup_wait(c->bell, amqp_link_fd(&c->link), pause_ms(c));
	}
	/* What is not said is delivered again, and found to be done. */
	if (c->link.connection != NULL)
		(void)ack_window_flush(&c->window, 0, write_ack, c);
	amqp_link_close(&c->link, NULL);
	return NULL;
}

struct consumer *
consumer_new(const struct consumer_options *options)
{
	struct consumer *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->options = *options;
	c->link.config = options->config;
	c->link.name = "consumer";
	c->subscription.link = &c->link;
	pthread_mutex_init(&c->lock, NULL);
	c->bell = wakeup_open();
	if (c->bell != -1 && pthread_create(&c->thread, NULL, run, c) == 0)
		return c;
	if (c->bell != -1)
		close(c->bell);
	pthread_mutex_destroy(&c->lock);
	free(c);
	return NULL;
}

void
consumer_free(struct consumer *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_mutex_unlock(&c->lock);
	wakeup_ring(c->bell);
	pthread_join(c->thread, NULL);
	ack_window_clear(&c->window);
	free(c->asked.list);
	free(c->taken.list);
	close(c->bell);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void
consumer_pause(struct consumer *c, bool paused)
{
	pthread_mutex_lock(&c->lock);
	c->pause_wanted = paused;
	pthread_mutex_unlock(&c->lock);
	wakeup_ring(c->bell);
}

enum broker_state
consumer_state(const struct consumer *c)
{
	struct consumer *mine = (struct consumer *)c; /* for its lock */
	enum broker_state state;

	pthread_mutex_lock(&mine->lock);
	state = mine->state;
	pthread_mutex_unlock(&mine->lock);
	return state;
}

struct consumer_depth
consumer_get_depth(const struct consumer *c, enum lane lane)
{
	struct consumer *mine = (struct consumer *)c; /* for its lock */
	struct consumer_depth depth;

	pthread_mutex_lock(&mine->lock);
	depth = mine->depth[lane];
	pthread_mutex_unlock(&mine->lock);
	return depth;
}
