/* SPDX-License-Identifier: MIT */
/*
 * The publisher's thread: takes what was handed in, writes it while the broker
 * reads, and tells each message's end when its confirm, its return or its
 * deadline comes. Nothing here knows what is published.
 */
#include "publisher.h"

#include <linux/sockios.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "amqp_link.h"
#include "buffer.h"
#include "log.h"
#include "metrics.h"
#include "publish_frames.h"
#include "publish_queue.h"
#include "timestamp.h"
#include "wakeup.h"

#define TICK 1000 /* ms: heartbeats are sent from the loop's own turns */
#define FULL_PAUSE 10 /* ms until a full socket is looked at again */
#define ROUTE_SIZE 256 /* a routing key has 255 bytes at most */
#define REFUSAL_PAUSES 3 /* times OUTBOX_CAP: no refusal, no need to ask */
#define FRAMES_KEPT (64 * 1024) /* bytes of their buffer, between groups */

const char *const broker_state_names[BROKER_STATE__MAX] = {
	[BROKER_DOWN] = "down",
	[BROKER_UP] = "up",
	[BROKER_BLOCKED] = "blocked",
	[BROKER_REFUSING] = "refusing",
};

bool
broker_takes(enum broker_state state)
{
	return state == BROKER_UP || state == BROKER_REFUSING;
}

struct publisher {
	struct publisher_options options;
	pthread_t thread;
	int bell;

	pthread_mutex_t lock; /* for these: */
	struct publish_queue incoming;
	enum broker_state state;
	int64_t latency;
	bool stopping;

	/* the thread's own */
	struct amqp_link link;
	struct publish_queue unsent; /* taken, not written yet */
	struct publish_queue inflight; /* written, in the order of their tags */
	uint64_t tag;
	struct buffer frames; /* of one group, while it is written */
	unsigned ended; /* since the last turn */
	bool refusing; /* it nacks, the last time what went to: */
	char refused_to[ROUTE_SIZE];
	int64_t refusing_since, refused_at, connected_at; /* monotonic ms */
};

static void
end(struct publisher *pub, struct publish *p, enum publish_result result)
{
	pub->ended++;
	metrics_add(&metric_publishes, result, 1);
	p->done(p, result);
}

static void
end_all(struct publisher *pub, struct publish_queue *q,
    enum publish_result result)
{
	struct publish *p;

	while ((p = publish_queue_pop(q)) != NULL)
		end(pub, p, result);
}

static void
end_overdue(struct publisher *pub, struct publish_queue *q, int64_t now,
    enum publish_result result)
{
	struct publish *p = publish_queue_take_overdue(q, now), *next;

	for (; p != NULL; p = next) {
		next = p->next;
		end(pub, p, result);
	}
}

/* -- sending -------------------------------------------------------------- */

static enum broker_state
state_of(const struct publisher *pub)
{
	if (pub->link.connection == NULL)
		return BROKER_DOWN;
	if (pub->link.blocked)
		return BROKER_BLOCKED;
	return pub->refusing ? BROKER_REFUSING : BROKER_UP;
}

static void
set_state(struct publisher *pub)
{
	enum broker_state state = state_of(pub);

	pthread_mutex_lock(&pub->lock);
	pub->state = state;
	publish_queue_append(&pub->unsent, pub->incoming.first);
	publish_queue_reset(&pub->incoming);
	pthread_mutex_unlock(&pub->lock);
	if (state == BROKER_DOWN)
		end_all(pub, &pub->inflight, PUBLISH_UNCONFIRMED);
	if (!broker_takes(state))
		end_all(pub, &pub->unsent, PUBLISH_UNAVAILABLE);
}

/*
 * How many bytes the socket takes at once: a write would wait for a broker that
 * does not read, and meanwhile nobody's deadline would be kept. The kernel
 * counts more than the bytes, hence half of its buffer.
 */
static size_t
room(const struct publisher *pub, bool *empty)
{
	const int fd = amqp_link_fd(&pub->link);
	socklen_t len = sizeof(int);
	int size = 0, queued = 0;

	*empty = true;
	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len) == -1 ||
	    ioctl(fd, SIOCOUTQ, &queued) == -1)
		return 0; /* a broken socket: the write will tell */
	*empty = queued == 0;
	return queued < size / 2 ? (size_t)(size / 2 - queued) : 0;
}

/*
 * Into `frames`, what there is room for. A message that is larger goes alone,
 * when the broker has taken all before it.
 */
static void
encode_unsent(struct publisher *pub)
{
	const struct publish_frames frames = {
		.channel = AMQP_LINK_CHANNEL,
		.frame_max = amqp_link_frame_max(&pub->link),
	};
	bool empty;
	const size_t most = room(pub, &empty);
	struct publish *p;

	while ((p = pub->unsent.first) != NULL) {
		if (pub->frames.len + publish_frames_size(&frames, p) > most &&
		    !(empty && pub->frames.len == 0))
			break;
		publish_frames_add(&frames, p, &pub->frames);
		p = publish_queue_pop(&pub->unsent);
		p->tag = ++pub->tag;
		publish_queue_append(&pub->inflight, p);
	}
}

/* By TLS rabbitmq-c alone can write; one message at a time. */
static void
publish_unsent(struct publisher *pub)
{
	const struct publish_frames frames = {
		.channel = AMQP_LINK_CHANNEL,
		.frame_max = amqp_link_frame_max(&pub->link),
	};
	bool empty;
	size_t most = room(pub, &empty), size;
	struct publish *p;

	while ((p = pub->unsent.first) != NULL) {
		size = publish_frames_size(&frames, p);
		if (size > most && !empty)
			break;
		p = publish_queue_pop(&pub->unsent);
		p->tag = ++pub->tag;
		publish_queue_append(&pub->inflight, p);
		if (amqp_link_publish(&pub->link, p) == -1)
			break; /* set_state() sees that it is down */
		most = size < most ? most - size : 0;
		empty = false;
	}
}

/* A write that would block is not begun. */
static void
send_unsent(struct publisher *pub)
{
	if (pub->unsent.first == NULL)
		return;
	if (pub->link.tls) {
		publish_unsent(pub);
		return;
	}
	encode_unsent(pub);
	if (pub->frames.len > 0)
		(void)amqp_link_write(&pub->link, pub->frames.data,
		    pub->frames.len); /* set_state() sees when it is down */
	if (pub->frames.size > FRAMES_KEPT)
		buffer_free(&pub->frames);
	else
		buffer_clear(&pub->frames);
}

/* -- what the broker says ------------------------------------------------- */

/* Of the queue that refuses; others go on taking their messages. */
static bool
is_refused(const struct publisher *pub, const struct publish *p)
{
	return pub->refusing && strcmp(pub->refused_to, p->routing_key) == 0;
}

static void
note_refusal(struct publisher *pub, const struct publish *p)
{
	pub->refused_at = timestamp_monotonic();
	(void)snprintf(pub->refused_to, sizeof(pub->refused_to), "%s",
	    p->routing_key);
	if (pub->refusing)
		return;
	pub->refusing = true;
	pub->refusing_since = pub->refused_at;
	log_warning("rabbitmq refuses messages", "to", p->routing_key, "why",
	    "the queue is full, or its leader is away", NULL);
}

/* Refusals and confirms may come in turns: over is what was quiet a while. */
static void
end_refusal(struct publisher *pub, int64_t quiet)
{
	int64_t now = timestamp_monotonic();

	if (!pub->refusing || now - pub->refused_at < quiet)
		return;
	pub->refusing = false;
	log_info("rabbitmq refuses no more messages", "to", pub->refused_to,
	    "after", log_duration(now - pub->refusing_since), NULL);
}

/*
 * With no mail nobody asks, but the outbox would have by then. And a quorum
 * queue whose limit was taken away goes on refusing on this connection, as seen
 * with RabbitMQ 3.10.
 */
static void
look_after_refusal(struct publisher *pub)
{
	const int64_t pause = pub->options.config->outbox_cap;
	const int64_t now = timestamp_monotonic();

	end_refusal(pub, REFUSAL_PAUSES * pause);
	if (pub->refusing && now - pub->connected_at >= pause &&
	    now - pub->refusing_since >= pause)
		amqp_link_close(&pub->link, NULL);
}

static void
confirm(struct publisher *pub, struct publish *p, bool ack)
{
	int64_t latency = timestamp_monotonic() - p->sent_at;

	pthread_mutex_lock(&pub->lock);
	pub->latency = latency;
	pthread_mutex_unlock(&pub->lock);
	metrics_observe(&metric_confirm_seconds, 0, latency);
	if (!ack)
		note_refusal(pub, p);
	else if (is_refused(pub, p))
		end_refusal(pub, pub->options.config->reconnect_cap);
	end(pub, p, ack ? PUBLISH_CONFIRMED : PUBLISH_UNCONFIRMED);
}

static void
on_confirm(struct publisher *pub, uint64_t tag, bool multiple, bool ack)
{
	struct publish *p;

	while (multiple && pub->inflight.first != NULL &&
	    pub->inflight.first->tag <= tag)
		confirm(pub, publish_queue_pop(&pub->inflight), ack);
	if (multiple)
		return;
	p = publish_queue_take(&pub->inflight, tag);
	if (p != NULL) /* else its deadline came before */
		confirm(pub, p, ack);
}

static int
on_method(struct publisher *pub, const amqp_method_t *method)
{
	const amqp_basic_ack_t *ack = method->decoded;
	const amqp_basic_nack_t *nack = method->decoded;

	switch (method->id) {
	case AMQP_BASIC_ACK_METHOD:
		on_confirm(pub, ack->delivery_tag, ack->multiple, true);
		return 0;
	case AMQP_BASIC_NACK_METHOD:
		on_confirm(pub, nack->delivery_tag, nack->multiple, false);
		return 0;
	case AMQP_BASIC_RETURN_METHOD:
		/*
		 * Unroutable: its ack would come next, and be no success. With
		 * a new connection all queues are declared anew.
		 */
		amqp_link_close(&pub->link, "a message's queue is gone");
		return -1;
	default:
		return 0;
	}
}

static void
read_frames(struct publisher *pub)
{
	amqp_frame_t frame;

	while (amqp_link_frame(&pub->link, &frame) == 1)
		if (on_method(pub, &frame.payload.method) == -1)
			return;
}

/* -- the thread ------------------------------------------------------------ */

/* Blocks, for AMQP_TIMEOUT a step: nobody must wait for us then. */
static void
connect_again(struct publisher *pub)
{
	amqp_confirm_select_ok_t *ok;

	if (timestamp_monotonic() < pub->link.retry_at ||
	    amqp_link_connect(&pub->link) == -1)
		return;
	ok = amqp_confirm_select(pub->link.connection, AMQP_LINK_CHANNEL);
	pub->tag = 0;
	pub->connected_at = timestamp_monotonic();
	if (ok == NULL)
		amqp_link_close(&pub->link, "confirm.select failed");
	set_state(pub);
}

static int
pause_ms(const struct publisher *pub)
{
	int64_t now = timestamp_monotonic(), until = now + TICK;

	if (pub->link.connection == NULL)
		until = pub->link.retry_at;
	else if (amqp_link_buffered(&pub->link))
		return 0;
	if (pub->inflight.earliest < until)
		until = pub->inflight.earliest;
	if (pub->unsent.earliest < until)
		until = pub->unsent.earliest;
	if (pub->unsent.first != NULL && until > now + FULL_PAUSE)
		until = now + FULL_PAUSE;
	return until <= now ? 0 : (int)(until - now);
}

static bool
finished(struct publisher *pub)
{
	bool stopping;

	pthread_mutex_lock(&pub->lock);
	stopping = pub->stopping && pub->incoming.first == NULL;
	pthread_mutex_unlock(&pub->lock);
	return stopping && pub->inflight.first == NULL &&
	    pub->unsent.first == NULL;
}

static void *
run(void *arg)
{
	struct publisher *pub = arg;
	int64_t now;

	while (!finished(pub)) {
		if (pub->link.connection != NULL)
			read_frames(pub);
		look_after_refusal(pub);
		set_state(pub);
		if (pub->link.connection == NULL)
			connect_again(pub);
		else if (!pub->link.blocked)
			send_unsent(pub);
		now = timestamp_monotonic();
		end_overdue(pub, &pub->inflight, now, PUBLISH_UNCONFIRMED);
		end_overdue(pub, &pub->unsent, now, PUBLISH_UNAVAILABLE);
		if (pub->ended > 0 && pub->options.turn != NULL)
			pub->options.turn(pub->options.arg);
		pub->ended = 0;
		wakeup_wait(pub->bell, amqp_link_fd(&pub->link), pause_ms(pub));
	}
	amqp_link_close(&pub->link, NULL);
	buffer_free(&pub->frames);
	return NULL;
}

struct publisher *
publisher_new(const struct publisher_options *options)
{
	struct publisher *pub = calloc(1, sizeof(*pub));

	if (pub == NULL)
		return NULL;
	pub->options = *options;
	pub->link.config = options->config;
	pub->link.name = "publisher";
	pub->latency = -1;
	publish_queue_reset(&pub->incoming);
	publish_queue_reset(&pub->unsent);
	publish_queue_reset(&pub->inflight);
	pthread_mutex_init(&pub->lock, NULL);
	pub->bell = wakeup_open();
	if (pub->bell != -1 &&
	    pthread_create(&pub->thread, NULL, run, pub) == 0)
		return pub;
	if (pub->bell != -1)
		close(pub->bell);
	pthread_mutex_destroy(&pub->lock);
	free(pub);
	return NULL;
}

void
publisher_free(struct publisher *pub)
{
	if (pub == NULL)
		return;
	pthread_mutex_lock(&pub->lock);
	pub->stopping = true;
	pthread_mutex_unlock(&pub->lock);
	wakeup_ring(pub->bell);
	pthread_join(pub->thread, NULL);
	close(pub->bell);
	pthread_mutex_destroy(&pub->lock);
	free(pub);
}

void
publisher_send(struct publisher *pub, struct publish *list)
{
	int64_t now = timestamp_monotonic();
	struct publish *p, *next;
	bool up, first = false;

	for (p = list; p != NULL; p = p->next) {
		p->sent_at = now;
		if (p->deadline == 0)
			p->deadline = now + pub->options.confirm_timeout;
	}
	pthread_mutex_lock(&pub->lock);
	up = broker_takes(pub->state);
	if (up) {
		first = pub->incoming.first == NULL;
		publish_queue_append(&pub->incoming, list);
	}
	pthread_mutex_unlock(&pub->lock);
	if (first)
		wakeup_ring(pub->bell);
	for (p = list; !up && p != NULL; p = next) {
		next = p->next;
		metrics_add(&metric_publishes, PUBLISH_UNAVAILABLE, 1);
		p->done(p, PUBLISH_UNAVAILABLE);
	}
}

enum broker_state
publisher_state(const struct publisher *pub, int64_t *latency)
{
	struct publisher *mine = (struct publisher *)pub; /* for its lock */
	enum broker_state state;

	pthread_mutex_lock(&mine->lock);
	state = mine->state;
	if (latency != NULL)
		*latency = mine->latency;
	pthread_mutex_unlock(&mine->lock);
	return state;
}
