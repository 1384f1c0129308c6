/* SPDX-License-Identifier: MIT */
/*
 * Publishing to RabbitMQ with confirms, on a thread and a connection of its
 * own (rabbitmq-c may block). It connects, declares the topology, reconnects
 * with growing, jittered pauses, and never queues without end: what cannot be
 * sent now is handed back at once.
 */
#ifndef POSTRIDER_PUBLISHER_H
#define POSTRIDER_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;

enum publish_result {
	PUBLISH_CONFIRMED, /* the broker has it, on a queue, durably */
	PUBLISH_UNCONFIRMED, /* sent; no confirm in time, nacked or returned */
	PUBLISH_UNAVAILABLE, /* not sent: broker away or blocked */
	PUBLISH_RESULT__MAX
};

/*
 * One message: persistent, mandatory. Everything it points to is borrowed
 * until `done`, which is called exactly once, on the publisher's thread (or from
 * inside publisher_send, when the broker is away or blocked); it may
 * free the struct, and must not block.
 */
struct publish {
	struct publish
	    *next; /* the list given to publisher_send; then its own */
	const char *exchange; /* "" is the default exchange */
	const char *routing_key;
	const char *message_id; /* the job's id */
	const char *reason; /* header x-reason, or NULL */
	const char *traceparent; /* header of that name, or NULL */
	const char *tracestate; /* likewise */
	const void *body;
	size_t body_len;
	void (*done)(struct publish *, enum publish_result);
	int64_t deadline; /* monotonic ms; 0: confirm_timeout from now */
	/* the publisher's own */
	uint64_t tag;
	int64_t sent_at; /* monotonic ms */
};

struct publisher_options {
	const struct config *config; /* borrowed for the publisher's life */
	int64_t confirm_timeout; /* ms from publisher_send to UNCONFIRMED */
	/* Called after a group of `done`s, before sleeping; NULL: nothing. */
	void (*turn)(void *arg);
	void *arg;
};

struct publisher;

/* Starts the thread; NULL when no thread or eventfd can be had. */
struct publisher *publisher_new(const struct publisher_options *);
/*
 * Stops and joins. What is in flight is waited for until its deadline, the
 * rest ends UNAVAILABLE.
 */
void publisher_free(struct publisher *);

/* Thread-safe. A list, in order, ended by NULL. */
void publisher_send(struct publisher *, struct publish *list);

enum broker_state {
	BROKER_DOWN,
	BROKER_UP,
	BROKER_BLOCKED, /* connection.blocked: memory or disk alarm */
	BROKER_REFUSING, /* the last messages were nacked */
	BROKER_STATE__MAX
};
extern const char *const broker_state_names[BROKER_STATE__MAX];
/* Whether messages are written to it at all. */
bool broker_takes(enum broker_state);

/* Thread-safe. `latency` (may be NULL): ms of the last confirm, -1: none. */
enum broker_state publisher_state(const struct publisher *, int64_t *latency);

#endif
