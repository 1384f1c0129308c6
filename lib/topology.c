/* SPDX-License-Identifier: MIT */
/* Declares what docs/protocol.md says of queues and exchanges. */
#include "topology.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "ladder.h"
#include "lane.h"
#include "log.h"

#define CHANNEL 1
#define DELIVERY_LIMIT 1000
#define FAILED_TTL INT64_C(604800000) /* ms: 7 days */
#define FAILED_LENGTH 100000

/* Where to declare, and where to say what failed. */
struct place {
	amqp_connection_state_t connection;
	char *why;
	size_t why_size;
};

struct arguments {
	amqp_table_entry_t entries[8];
	int len;
};

static void
add_text(struct arguments *a, const char *key, const char *value)
{
	a->entries[a->len++] = (amqp_table_entry_t){ amqp_cstring_bytes(key),
		{ .kind = AMQP_FIELD_KIND_UTF8,
		    .value.bytes = amqp_cstring_bytes(value) } };
}

static void
add_number(struct arguments *a, const char *key, int64_t value)
{
	a->entries[a->len++] = (amqp_table_entry_t){ amqp_cstring_bytes(key),
		{ .kind = AMQP_FIELD_KIND_I64, .value.i64 = value } };
}

static amqp_table_t
table_of(struct arguments *a)
{
	return (amqp_table_t){ a->len, a->entries };
}

/* 0, or -1 when the last RPC failed, said in `why`. */
static int
check(const struct place *place, const char *what)
{
	amqp_rpc_reply_t reply = amqp_get_rpc_reply(place->connection);
	const amqp_channel_close_t *close = reply.reply.decoded;

	if (reply.reply_type == AMQP_RESPONSE_NORMAL)
		return 0;
	if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
	    reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
		snprintf(place->why, place->why_size, "declare %s: %.*s", what,
		    (int)close->reply_text.len,
		    (char *)close->reply_text.bytes);
	else
		snprintf(place->why, place->why_size, "declare %s: %s", what,
		    reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION ?
			amqp_error_string2(reply.library_error) :
			"no answer");
	return -1;
}

static void
declare_queue(const struct place *place, const char *name, struct arguments *a)
{
	amqp_queue_declare(place->connection, CHANNEL, amqp_cstring_bytes(name),
	    0, 1, 0, 0, table_of(a));
}

/* A queue that exists with other arguments closes the channel: open anew. */
static int
reopen(const struct place *place)
{
	amqp_channel_close_ok_t ok = { 0 };

	if (amqp_send_method(place->connection, CHANNEL,
		AMQP_CHANNEL_CLOSE_OK_METHOD, &ok) != AMQP_STATUS_OK)
		return -1;
	amqp_channel_open(place->connection, CHANNEL);
	return check(place, "channel");
}

/*
 * Declares a queue that older deployments may have with other arguments (a
 * classic one): then it is used as it is, which is said once a process.
 */
static int
declare_or_use(const struct place *place, const char *queue,
    struct arguments *a, atomic_flag *told)
{
	declare_queue(place, queue, a);
	if (check(place, queue) == 0)
		return 0;
	if (amqp_get_rpc_reply(place->connection).reply_type !=
	    AMQP_RESPONSE_SERVER_EXCEPTION)
		return -1;
	if (!atomic_flag_test_and_set(told))
		log_warning("a queue exists with other arguments and is used "
			    "as it is; postrider queue migrate puts it right",
		    "queue", queue, "why", place->why, NULL);
	if (reopen(place) == -1)
		return -1;
	amqp_queue_declare(place->connection, CHANNEL,
	    amqp_cstring_bytes(queue), 1, 1, 0, 0,
	    amqp_empty_table); /* passive */
	return check(place, queue);
}

/* The arguments of the queues that an older deployment may have otherwise. */
static void
work_arguments(struct arguments *a)
{
	add_text(a, "x-queue-type", "quorum");
	add_number(a, "x-delivery-limit", DELIVERY_LIMIT);
	add_text(a, "x-overflow", "reject-publish");
	add_text(a, "x-dead-letter-exchange", "");
	add_text(a, "x-dead-letter-routing-key", TOPOLOGY_DEAD);
	add_text(a, "x-dead-letter-strategy", "at-least-once");
}

static void
failed_arguments(struct arguments *a)
{
	add_text(a, "x-queue-type", "quorum");
	add_number(a, "x-message-ttl", FAILED_TTL);
	add_number(a, "x-max-length", FAILED_LENGTH);
	add_text(a, "x-overflow", "drop-head");
}

static int
declare_work(const struct place *place, const char *queue, enum lane lane)
{
	static atomic_flag told[LANE__MAX] = { ATOMIC_FLAG_INIT };
	struct arguments a = { 0 };

	work_arguments(&a);
	return declare_or_use(place, queue, &a, &told[lane]);
}

static int
declare_side_queues(const struct place *place)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;
	struct arguments dead = { 0 }, failed = { 0 };

	add_text(&dead, "x-queue-type", "quorum");
	declare_queue(place, TOPOLOGY_DEAD, &dead);
	if (check(place, TOPOLOGY_DEAD) == -1)
		return -1;
	failed_arguments(&failed);
	return declare_or_use(place, TOPOLOGY_FAILED, &failed, &told);
}

static void
declare_exchange(const struct place *place, const char *name, const char *type,
    struct arguments *a)
{
	amqp_exchange_declare(place->connection, CHANNEL,
	    amqp_cstring_bytes(name), amqp_cstring_bytes(type), 0, 1, 0, 0,
	    table_of(a));
}

static void
name_below(char name[LADDER_NAME_SIZE], unsigned rung)
{
	if (rung > 0)
		ladder_rung_name(name, rung - 1);
	else
		snprintf(name, LADDER_NAME_SIZE, "%s", LADDER_DELIVERY);
}

static int
bind_digit(const struct place *place, const char *name, const char *below,
    unsigned rung, unsigned digit)
{
	char key[LADDER_KEY_SIZE];

	ladder_binding_key(key, rung, digit);
	if (ladder_waits(rung, digit))
		amqp_queue_bind(place->connection, CHANNEL,
		    amqp_cstring_bytes(name), amqp_cstring_bytes(name),
		    amqp_cstring_bytes(key), amqp_empty_table);
	else
		amqp_exchange_bind(place->connection, CHANNEL,
		    amqp_cstring_bytes(below), amqp_cstring_bytes(name),
		    amqp_cstring_bytes(key), amqp_empty_table);
	return check(place, key);
}

static int
declare_rung(const struct place *place, unsigned rung)
{
	struct arguments exchange = { 0 }, queue = { 0 };
	char name[LADDER_NAME_SIZE], below[LADDER_NAME_SIZE];
	unsigned digit;

	ladder_rung_name(name, rung);
	name_below(below, rung);
	add_text(&exchange, "alternate-exchange", LADDER_UNROUTED);
	declare_exchange(place, name, "topic", &exchange);
	if (check(place, name) == -1)
		return -1;
	add_text(&queue, "x-queue-type", "quorum");
	add_number(&queue, "x-message-ttl", INT64_C(1000) << rung);
	add_text(&queue, "x-dead-letter-exchange", below);
	add_text(&queue, "x-dead-letter-strategy", "at-least-once");
	add_text(&queue, "x-overflow", "reject-publish");
	declare_queue(place, name, &queue);
	if (check(place, name) == -1)
		return -1;
	for (digit = 0; digit < LADDER_BASE; digit++)
		if (bind_digit(place, name, below, rung, digit) == -1)
			return -1;
	return 0;
}

/* What no rung routes is kept, not lost: 32 such would stop the ladder. */
static int
declare_unrouted(const struct place *place)
{
	struct arguments none = { 0 };

	declare_exchange(place, LADDER_UNROUTED, "fanout", &none);
	if (check(place, LADDER_UNROUTED) == -1)
		return -1;
	amqp_queue_bind(place->connection, CHANNEL,
	    amqp_cstring_bytes(TOPOLOGY_DEAD),
	    amqp_cstring_bytes(LADDER_UNROUTED), amqp_empty_bytes,
	    amqp_empty_table);
	return check(place, LADDER_UNROUTED);
}

static int
declare_ladder(const struct place *place)
{
	struct arguments a = { 0 };
	unsigned rung;

	add_text(&a, "alternate-exchange", LADDER_UNROUTED);
	declare_exchange(place, LADDER_DELIVERY, "topic", &a);
	if (check(place, LADDER_DELIVERY) == -1)
		return -1;
	for (rung = 0; rung < LADDER_RUNGS; rung++)
		if (declare_rung(place, rung) == -1)
			return -1;
	return 0;
}

/* A lane's queue, at the ladder's foot. */
static int
declare_lane(const struct place *place, const char *base, enum lane lane)
{
	char queue[LANE_QUEUE_SIZE], key[LADDER_KEY_SIZE];

	lane_queue(queue, lane, base);
	if (declare_work(place, queue, lane) == -1)
		return -1;
	snprintf(key, sizeof(key), "#.%s", queue);
	amqp_queue_bind(place->connection, CHANNEL, amqp_cstring_bytes(queue),
	    amqp_cstring_bytes(LADDER_DELIVERY), amqp_cstring_bytes(key),
	    amqp_empty_table);
	return check(place, key);
}

int
topology_declare(amqp_connection_state_t connection, const char *queue,
    char *why, size_t size)
{
	const struct place place = { connection, why, size };
	int lane;

	if (declare_side_queues(&place) == -1 ||
	    declare_unrouted(&place) == -1 || declare_ladder(&place) == -1)
		return -1;
	for (lane = 0; lane < LANE__MAX; lane++)
		if (declare_lane(&place, queue, (enum lane)lane) == -1)
			return -1;
	return 0;
}

/* -- for who migrates them ---------------------------------------------------- */

/* Passively: how much is in it, and for how many. */
static enum topology_fit
count(const struct place *place, struct topology_queue *queue)
{
	const amqp_queue_declare_ok_t *ok =
	    amqp_queue_declare(place->connection, CHANNEL,
		amqp_cstring_bytes(queue->name), 1, 1, 0, 0, amqp_empty_table);
	const amqp_rpc_reply_t reply = amqp_get_rpc_reply(place->connection);

	if (ok != NULL) {
		queue->messages = ok->message_count;
		queue->consumers = ok->consumer_count;
		return TOPOLOGY_FITS;
	}
	(void)check(place, queue->name); /* for its words */
	if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION ||
	    reply.reply.id != AMQP_CHANNEL_CLOSE_METHOD ||
	    ((const amqp_channel_close_t *)reply.reply.decoded)->reply_code !=
		AMQP_NOT_FOUND ||
	    reopen(place) == -1)
		return TOPOLOGY_FAULT;
	return TOPOLOGY_MISSING;
}

enum topology_fit
topology_look(amqp_connection_state_t connection, struct topology_queue *queue,
    char *why, size_t size)
{
	const struct place place = { connection, why, size };
	struct arguments a = { 0 };
	enum topology_fit fit = count(&place, queue);

	if (fit != TOPOLOGY_FITS || queue->any)
		return fit;
	if (strcmp(queue->name, TOPOLOGY_FAILED) == 0)
		failed_arguments(&a);
	else
		work_arguments(&a);
	/* It is there: this declares nothing, but compares. */
	declare_queue(&place, queue->name, &a);
	if (check(&place, queue->name) == 0)
		return TOPOLOGY_FITS;
	if (amqp_get_rpc_reply(connection).reply_type !=
		AMQP_RESPONSE_SERVER_EXCEPTION ||
	    reopen(&place) == -1)
		return TOPOLOGY_FAULT;
	return TOPOLOGY_DIFFERS;
}

int
topology_keep_aside(amqp_connection_state_t connection, const char *name,
    char *why, size_t size)
{
	const struct place place = { connection, why, size };
	struct arguments a = { 0 };

	work_arguments(&a);
	declare_queue(&place, name, &a);
	return check(&place, name);
}
