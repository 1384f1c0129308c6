/* SPDX-License-Identifier: MIT */
/*
 * Consuming the work queues of RabbitMQ, one a lane, and email_dead with what the broker
 * gave up on: hints as good as others. On a thread and a connection of its own.
 * It connects, declares the topology and reconnects by itself; after a
 * reconnect the messages of before are not ours any more, and acks for them
 * are dropped (the broker delivers those messages again).
 */
#ifndef POSTRIDER_CONSUMER_H
#define POSTRIDER_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lane.h"
#include "publisher.h" /* enum broker_state */

/* A delivery's name, to ack it by. */
struct consumed_tag {
	uint64_t tag;
	uint32_t epoch; /* which connection */
};

/* One message, owned by who takes it: free with consumed_free(). */
struct consumed {
	struct consumed *next;
	struct consumed_tag tag;
	enum lane lane; /* email_dead's: normal */
	bool first; /* of a work queue, and nobody was brought it before */
	char *body; /* NUL-terminated behind body_len */
	size_t body_len;
};
void consumed_free(struct consumed *);

struct consumer_options {
	const struct config *config; /* borrowed for the consumer's life */
	uint16_t prefetch; /* of each queue */
	int64_t depth_every; /* ms: how often the work queues are measured */
	/*
	 * Both on the consumer's thread. `messages`: a list, in order, now the
	 * callee's. `lost`: the connection is gone and with it every epoch so
	 * far (messages not yet worked on should be dropped).
	 */
	void (*messages)(void *arg, struct consumed *list);
	void (*lost)(void *arg, uint32_t epoch);
	void *arg;
};

struct consumer;

struct consumer *consumer_new(const struct consumer_options *);
/* Acks that were asked for are written, then the connection is closed. */
void consumer_free(struct consumer *);

/*
 * Thread-safe. Acks are written in groups, an ack of many as one where that is
 * right: those asked for are known to the consumer's thread at the next
 * consumer_flush, and out of order ones may wait ACK_WAIT (20 ms) longer.
 */
void consumer_ack(struct consumer *, struct consumed_tag);
void consumer_flush(struct consumer *);
/* Back to the queue, to be delivered again (to anybody). */
void consumer_requeue(struct consumer *, struct consumed_tag);

/* Thread-safe. Stops or starts deliveries; those prefetched stay ours. */
void consumer_pause(struct consumer *, bool paused);

enum broker_state consumer_state(const struct consumer *);

/* What a lane's queue had for anybody when it was measured last. */
struct consumer_depth {
	int64_t messages; /* -1: it was not measured */
	int64_t measured_at; /* monotonic ms */
};
/* Thread-safe. */
struct consumer_depth consumer_get_depth(const struct consumer *, enum lane);

#endif
