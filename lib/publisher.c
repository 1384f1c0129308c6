/* SPDX-License-Identifier: MIT */
/*
 * The publisher's thread: takes what was handed in, writes it while the broker
 * reads, and tells each message's end when its confirm, its return or its
 * deadline comes. Nothing here knows what is published.
 */
#include "publisher.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "amqp_link.h"
#include "log.h"
#include "timestamp.h"
#include "wakeup.h"

#define TICK 1000 /* ms: heartbeats are sent from the loop's own turns */

const char *const broker_state_names[BROKER_STATE__MAX] = {
	[BROKER_DOWN] = "down",
	[BROKER_UP] = "up",
	[BROKER_BLOCKED] = "blocked",
};

struct queue {
	struct publish *first, **end;
};

struct publisher {
	struct publisher_options options;
	pthread_t thread;
	int bell;

	pthread_mutex_t lock; /* for these: */
	struct queue incoming;
	enum broker_state state;
	int64_t latency;
	bool stopping;

	/* the thread's own */
	struct amqp_link link;
	struct queue unsent; /* taken, not written yet */
	struct queue inflight; /* written, in the order of their tags */
	uint64_t tag;
	unsigned ended; /* since the last turn */
};

static void
queue_reset(struct queue *q)
{
	q->first = NULL;
	q->end = &q->first;
}

static void
queue_append(struct queue *q, struct publish *list)
{
	*q->end = list;
	while (*q->end != NULL)
		q->end = &(*q->end)->next;
}

static struct publish *
queue_pop(struct queue *q)
{
	struct publish *p = q->first;

	if (p == NULL)
		return NULL;
	q->first = p->next;
	if (q->first == NULL)
		q->end = &q->first;
	p->next = NULL;
	return p;
}

static void
end(struct publisher *pub, struct publish *p, enum publish_result result)
{
	pub->ended++;
	p->done(p, result);
}

static void
end_all(struct publisher *pub, struct queue *q, enum publish_result result)
{
	struct publish *p;

	while ((p = queue_pop(q)) != NULL)
		end(pub, p, result);
}

static void
end_overdue(struct publisher *pub, struct queue *q, int64_t now,
    enum publish_result result)
{
	while (q->first != NULL && q->first->deadline <= now)
		end(pub, queue_pop(q), result);
}

/* -- sending -------------------------------------------------------------- */

static void
set_state(struct publisher *pub)
{
	enum broker_state state = pub->link.connection == NULL ? BROKER_DOWN :
	    pub->link.blocked ? BROKER_BLOCKED :
				BROKER_UP;

	pthread_mutex_lock(&pub->lock);
	pub->state = state;
	queue_append(&pub->unsent, pub->incoming.first);
	queue_reset(&pub->incoming);
	pthread_mutex_unlock(&pub->lock);
	if (state == BROKER_DOWN)
		end_all(pub, &pub->inflight, PUBLISH_UNCONFIRMED);
	if (state != BROKER_UP)
		end_all(pub, &pub->unsent, PUBLISH_UNAVAILABLE);
}

static int
write_publish(struct publisher *pub, struct publish *p)
{
	amqp_table_entry_t reason = { amqp_cstring_bytes("x-reason"),
		{ .kind = AMQP_FIELD_KIND_UTF8 } };
	amqp_basic_properties_t props = {
		._flags = AMQP_BASIC_DELIVERY_MODE_FLAG |
		    AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG,
		.delivery_mode = 2,
		.content_type = amqp_cstring_bytes("application/json"),
		.message_id = amqp_cstring_bytes(p->message_id),
	};

	if (p->reason != NULL) {
		reason.value.value.bytes = amqp_cstring_bytes(p->reason);
		props.headers = (amqp_table_t){ 1, &reason };
		props._flags |= AMQP_BASIC_HEADERS_FLAG;
	}
	return amqp_basic_publish(pub->link.connection, AMQP_LINK_CHANNEL,
	    amqp_cstring_bytes(p->exchange), amqp_cstring_bytes(p->routing_key),
	    1, 0, &props, (amqp_bytes_t){ p->body_len, (void *)p->body });
}

static bool
writable(const struct publisher *pub)
{
	struct pollfd fd = { amqp_link_fd(&pub->link), POLLOUT, 0 };

	return poll(&fd, 1, 0) == 1 && (fd.revents & POLLOUT) != 0;
}

/* Writes while the broker reads: a write that would block is not begun. */
static void
send_unsent(struct publisher *pub)
{
	struct publish *p;
	int status;

	while (pub->unsent.first != NULL && writable(pub)) {
		p = queue_pop(&pub->unsent);
		p->tag = ++pub->tag;
		p->failed = 0;
		status = write_publish(pub, p);
		queue_append(&pub->inflight, p);
		if (status != AMQP_STATUS_OK) {
			amqp_link_close(&pub->link, amqp_error_string2(status));
			return;
		}
	}
}

/* -- what the broker says ------------------------------------------------- */

static void
confirm(struct publisher *pub, struct publish *p, bool ack)
{
	int64_t latency = timestamp_monotonic() -
	    (p->deadline - pub->options.confirm_timeout);

	pthread_mutex_lock(&pub->lock);
	pub->latency = latency;
	pthread_mutex_unlock(&pub->lock);
	end(pub, p,
	    ack && !p->failed ? PUBLISH_CONFIRMED : PUBLISH_UNCONFIRMED);
}

static void
on_confirm(struct publisher *pub, uint64_t tag, bool multiple, bool ack)
{
	struct publish **at, *p;

	while (multiple && pub->inflight.first != NULL &&
	    pub->inflight.first->tag <= tag)
		confirm(pub, queue_pop(&pub->inflight), ack);
	if (multiple)
		return;
	for (at = &pub->inflight.first; (p = *at) != NULL; at = &p->next)
		if (p->tag >= tag)
			break;
	if (p == NULL || p->tag != tag)
		return; /* its deadline came before */
	*at = p->next;
	if (*at == NULL)
		pub->inflight.end = at;
	p->next = NULL;
	confirm(pub, p, ack);
}

/* Unroutable: the return comes before the ack, which is then no success. */
static int
on_return(struct publisher *pub)
{
	amqp_message_t message;
	amqp_bytes_t id;
	struct publish *p;

	if (amqp_link_message(&pub->link, &message) == -1)
		return -1;
	id = message.properties.message_id;
	for (p = pub->inflight.first; p != NULL; p = p->next)
		if (strlen(p->message_id) == id.len &&
		    memcmp(p->message_id, id.bytes, id.len) == 0)
			p->failed = 1;
	amqp_destroy_message(&message);
	log_error("rabbitmq returned a message: it has no queue for it", NULL);
	return 0;
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
		return on_return(pub);
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

static void
connect_again(struct publisher *pub)
{
	amqp_confirm_select_ok_t *ok;

	if (timestamp_monotonic() < pub->link.retry_at ||
	    amqp_link_connect(&pub->link) == -1)
		return;
	ok = amqp_confirm_select(pub->link.connection, AMQP_LINK_CHANNEL);
	pub->tag = 0;
	if (ok == NULL)
		amqp_link_close(&pub->link, "confirm.select failed");
}

static int
pause_ms(const struct publisher *pub)
{
	const struct publish *first = pub->inflight.first != NULL ?
	    pub->inflight.first :
	    pub->unsent.first;
	int64_t now = timestamp_monotonic(), until = now + TICK;

	if (pub->link.connection == NULL)
		until = pub->link.retry_at;
	else if (amqp_link_buffered(&pub->link))
		return 0;
	if (first != NULL && first->deadline < until)
		until = first->deadline;
	if (pub->unsent.first != NULL && until > now + 10)
		until = now + 10; /* the broker's socket is full */
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
		if (pub->link.connection == NULL)
			connect_again(pub);
		if (pub->link.connection != NULL)
			read_frames(pub);
		set_state(pub);
		if (pub->link.connection != NULL && !pub->link.blocked)
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
	queue_reset(&pub->incoming);
	queue_reset(&pub->unsent);
	queue_reset(&pub->inflight);
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
	int64_t deadline = timestamp_monotonic() + pub->options.confirm_timeout;
	struct publish *p, *next;
	bool up, first = false;

	for (p = list; p != NULL; p = p->next)
		p->deadline = deadline;
	pthread_mutex_lock(&pub->lock);
	up = pub->state == BROKER_UP;
	if (up) {
		first = pub->incoming.first == NULL;
		queue_append(&pub->incoming, list);
	}
	pthread_mutex_unlock(&pub->lock);
	if (first)
		wakeup_ring(pub->bell);
	for (p = list; !up && p != NULL; p = next) {
		next = p->next;
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
