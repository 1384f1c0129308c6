/* SPDX-License-Identifier: MIT */
/*
 * The queues that a consumer is brought messages from: those of the lanes and
 * email_dead. On its connection, by its thread.
 */
#ifndef POSTRIDER_SUBSCRIPTION_H
#define POSTRIDER_SUBSCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "amqp_link.h"
#include "lane.h"

/* The lanes' queues and, as one more, email_dead. */
#define SUBSCRIPTION_DEAD LANE__MAX
#define SUBSCRIPTION_QUEUES (LANE__MAX + 1)

/* The zero value, with the link. */
struct subscription {
	struct amqp_link *link; /* borrowed */
	bool on; /* false again after a new connect */
	/*
	 * Never the same twice: RabbitMQ 3.10 breaks the connection when a tag
	 * comes back while messages of its last use are on their way
	 * (rabbitmq-server issue 5927).
	 */
	char tags[SUBSCRIPTION_QUEUES][32];
	unsigned tags_made;
};

/* Begins or ends deliveries. What fails closes the link. */
void subscription_set(struct subscription *, bool on);

/* Which queue a delivery is of; SUBSCRIPTION_QUEUES when it is none's. */
int subscription_find(const struct subscription *, amqp_bytes_t tag);

/*
 * How many messages a lane's queue has for anybody; an answer is proof, silence
 * none: -1, and what failed closes the link.
 */
int64_t subscription_measure(struct subscription *, enum lane);

/* Whether the last RPC went well; else the link is closed, with `what`. */
bool subscription_is_fine(struct subscription *, const char *what);

#endif
