/* SPDX-License-Identifier: MIT */
/*
 * One AMQP connection with one channel: connect (blocking, on the caller's own
 * thread), topology, and what rabbitmq-c's errors say. publisher.c and
 * consumer.c are its users, and the operator's command.
 */
#ifndef POSTRIDER_AMQP_LINK_H
#define POSTRIDER_AMQP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "outage.h"
#include "rabbitmq_c.h"

#define AMQP_LINK_CHANNEL 1

struct amqp_link {
	const struct config *config; /* borrowed */
	const char *name; /* "publisher", for logs */
	/* the link's own; zero at first: */
	amqp_connection_state_t connection; /* NULL: down */
	unsigned url; /* which of RABBITMQ_URL's list comes next */
	unsigned failures; /* in a row */
	int64_t retry_at; /* monotonic ms: not before this */
	bool tls; /* amqps:// */
	bool blocked; /* a memory or disk alarm */
	int64_t blocked_at; /* monotonic ms */
	struct presence presence; /* what the log was told */
};

/*
 * Tries the next URL once. 0: logged in, channel open, topology declared. -1:
 * down, retry_at set (growing, jittered), logged once per outage.
 */
int amqp_link_connect(struct amqp_link *);
/*
 * No more than logged in, with the channel open: 0, or -1 with what failed in
 * `why`. Nothing is declared, and nothing logged.
 */
int amqp_link_open(struct amqp_link *, char *why, size_t size);
/* Down at once; no goodbye when `why` is not NULL (logged). */
void amqp_link_close(struct amqp_link *, const char *why);

/*
 * One frame if there is one now: 1 and *frame (good until the next call that
 * releases buffers), 0 when there is none, -1 when the connection is broken or
 * the broker closed it (amqp_link_close was called). Handles
 * connection.blocked/unblocked, channel.close and connection.close itself.
 */
int amqp_link_frame(struct amqp_link *, amqp_frame_t *frame);
/*
 * The header and body frames behind basic.deliver or basic.return, into
 * *message (amqp_destroy_message frees). 0 or -1 as above.
 */
int amqp_link_message(struct amqp_link *, amqp_message_t *message);
/*
 * Whole frames of our own, past rabbitmq-c: it must have none half sent, which
 * is so between its calls, and the connection must be plain TCP. 0, or -1 when
 * the connection is broken or nothing was taken for AMQP_TIMEOUT
 * (amqp_link_close was called).
 */
int amqp_link_write(struct amqp_link *, const char *bytes, size_t len);
/*
 * One persistent, mandatory JSON message by rabbitmq-c, for TLS: it may block
 * for AMQP_TIMEOUT. 0 or -1 as above.
 */
struct publish;
int amqp_link_publish(struct amqp_link *, const struct publish *);
size_t amqp_link_frame_max(const struct amqp_link *); /* bytes, negotiated */
/* Whether rabbitmq-c holds bytes that poll(2) cannot see. */
bool amqp_link_buffered(const struct amqp_link *);
int amqp_link_fd(const struct amqp_link *);

#endif
