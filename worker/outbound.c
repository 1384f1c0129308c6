/* SPDX-License-Identifier: MIT */
/* The loop's side of the publisher. */
#include "outbound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heartbeat.h"
#include "ladder.h"
#include "topology.h"
#include "worker.h"

struct outbound {
	struct worker *worker;
	struct publisher *publisher;
};

/* A message on its way to the broker and the answer on its way back. */
struct parcel {
	struct loop_task task; /* first: the inbox gives it back */
	struct publish publish;
	struct outbound *outbound;
	struct ladder_route route;
	char id[ID_MAX + 1], reason[128];
	struct buffer body;
	enum publish_result result;
	outbound_fn *done;
	void *arg;
	char traceparent[TRACEPARENT_SIZE]; /* or "" */
	char *tracestate; /* owned, or NULL */
};

static void
parcel_answered(struct loop_task *task)
{
	struct parcel *parcel = (struct parcel *)task;

	parcel->done(parcel->arg, parcel->result);
	buffer_free(&parcel->body);
	free(parcel->tracestate);
	free(parcel);
}

/* On the publisher's thread, or on the loop's inside publisher_send. */
static void
on_done(struct publish *publish, enum publish_result result)
{
	struct parcel *parcel = (struct parcel *)((char *)publish -
	    offsetof(struct parcel, publish));

	parcel->result = result;
	loop_inbox_post(&parcel->outbound->worker->inbox, &parcel->task);
}

static struct parcel *
parcel_new(struct outbound *outbound, const char *id, outbound_fn *done,
    void *arg)
{
	struct parcel *parcel = calloc(1, sizeof(*parcel));

	if (parcel == NULL)
		abort();
	parcel->task.run = parcel_answered;
	parcel->outbound = outbound;
	parcel->done = done;
	parcel->arg = arg;
	snprintf(parcel->id, sizeof(parcel->id), "%s", id);
	return parcel;
}

static void
parcel_send(struct parcel *parcel)
{
	struct publish *publish = &parcel->publish;

	publish->exchange = parcel->route.exchange;
	publish->routing_key = parcel->route.routing_key;
	publish->message_id = parcel->id;
	publish->reason = parcel->reason[0] != '\0' ? parcel->reason : NULL;
	publish->traceparent =
	    parcel->traceparent[0] != '\0' ? parcel->traceparent : NULL;
	publish->tracestate = parcel->tracestate;
	publish->body = parcel->body.data;
	publish->body_len = parcel->body.len;
	publish->done = on_done;
	publisher_send(parcel->outbound->publisher, publish);
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void
outbound_hint(struct outbound *outbound, const struct hint_parts *parts,
    outbound_fn *done, void *arg)
{
	struct parcel *parcel = parcel_new(outbound, parts->id, done, arg);
	char queue[LANE_QUEUE_SIZE];

	lane_queue(queue, parts->lane, outbound->worker->config->queue);
	/* The queue's name was checked with the configuration. */
	(void)ladder_route(&parcel->route,
	    later(parts->next_at, parts->published_at) -
		heartbeat_redis_time(outbound->worker->heartbeat),
	    queue);
	traceparent_read(parcel->traceparent, parts->traceparent);
	if (parts->tracestate != NULL)
		parcel->tracestate = strdup(parts->tracestate);
	hint_encode(parts, &parcel->body);
	parcel_send(parcel);
}

void
outbound_failed(struct outbound *outbound, const struct failed_message *failed,
    outbound_fn *done, void *arg)
{
	struct parcel *parcel = parcel_new(outbound, failed->id, done, arg);

	snprintf(parcel->route.routing_key, sizeof(parcel->route.routing_key),
	    "%s", TOPOLOGY_FAILED);
	snprintf(parcel->reason, sizeof(parcel->reason), "%s", failed->reason);
	buffer_add(&parcel->body, failed->body, failed->len);
	parcel_send(parcel);
}

enum broker_state
outbound_state(const struct outbound *outbound, int64_t *latency)
{
	return publisher_state(outbound->publisher, latency);
}

struct outbound *
outbound_new(struct worker *worker)
{
	struct outbound *outbound = calloc(1, sizeof(*outbound));
	struct publisher_options options = {
		.config = worker->config,
		.confirm_timeout = worker->config->amqp_timeout,
	};

	if (outbound == NULL)
		abort();
	outbound->worker = worker;
	outbound->publisher = publisher_new(&options);
	if (outbound->publisher != NULL)
		return outbound;
	free(outbound);
	return NULL;
}

void
outbound_free(struct outbound *outbound)
{
	if (outbound == NULL)
		return;
	publisher_free(outbound->publisher);
	free(outbound);
}
