/* SPDX-License-Identifier: MIT */
#include "message_move.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amqp_link.h"

#define BATCH 256 /* messages in hand, */
#define BATCH_BYTES (8 * 1024 * 1024) /* and when no more are taken */

struct batch {
	const struct message_move *move;
	struct amqp_link link;
	amqp_message_t messages[BATCH];
	uint64_t tags[BATCH]; /* of their deliveries */
	size_t count, bytes;
	uint64_t published; /* on the link */
	char *why;
	size_t why_size;
};

static int
fail(const struct batch *batch, const char *what, const char *why)
{
	snprintf(batch->why, batch->why_size, "%s: %s", what, why);
	return -1;
}

static const char *
reply_text(amqp_rpc_reply_t reply)
{
	if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
		return amqp_error_string2(reply.library_error);
	return "the broker refuses it";
}

/* -- taking ------------------------------------------------------------------- */

/* 1: one more; 0: there is none; -1. */
static int
take(struct batch *batch)
{
	const amqp_connection_state_t c = batch->link.connection;
	amqp_message_t *message = &batch->messages[batch->count];
	const amqp_basic_get_ok_t *ok;
	amqp_rpc_reply_t reply = amqp_basic_get(c, AMQP_LINK_CHANNEL,
	    amqp_cstring_bytes(batch->move->from), 0);

	if (reply.reply_type != AMQP_RESPONSE_NORMAL)
		return fail(batch, batch->move->from, reply_text(reply));
	if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD)
		return 0;
	ok = reply.reply.decoded;
	batch->tags[batch->count] = ok->delivery_tag;
	reply = amqp_read_message(c, AMQP_LINK_CHANNEL, message, 0);
	if (reply.reply_type != AMQP_RESPONSE_NORMAL)
		return fail(batch, batch->move->from, reply_text(reply));
	batch->count++;
	batch->bytes += message->body.len;
	return 1;
}

static int
take_batch(struct batch *batch)
{
	int taken = 1;

	while (taken == 1 && batch->count < BATCH && batch->bytes < BATCH_BYTES)
		taken = take(batch);
	return taken == -1 ? -1 : 0;
}

/* -- putting ------------------------------------------------------------------ */

/* What brokers add at a delivery: a copied x-death reads as a cycle to them. */
static bool
is_brokers(amqp_bytes_t name)
{
	static const char *const names[] = { "x-death", "x-delivery-count",
		"x-acquired-count" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name.len == strlen(names[i]) &&
		    memcmp(name.bytes, names[i], name.len) == 0)
			return true;
	return false;
}

static void
leave_brokers_out(amqp_table_t *headers)
{
	int from, to = 0;

	for (from = 0; from < headers->num_entries; from++)
		if (!is_brokers(headers->entries[from].key))
			headers->entries[to++] = headers->entries[from];
	headers->num_entries = to;
}

static int
put(struct batch *batch, amqp_message_t *message)
{
	amqp_basic_properties_t *properties = &message->properties;
	int status;

	if (properties->_flags & AMQP_BASIC_HEADERS_FLAG)
		leave_brokers_out(&properties->headers);
	properties->_flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
	properties->delivery_mode = AMQP_DELIVERY_PERSISTENT;
	status = amqp_basic_publish(batch->link.connection, AMQP_LINK_CHANNEL,
	    amqp_empty_bytes, amqp_cstring_bytes(batch->move->to), 1, 0,
	    properties, message->body);
	if (status != AMQP_STATUS_OK)
		return fail(batch, batch->move->to, amqp_error_string2(status));
	batch->published++;
	return 0;
}

/* One frame of what the broker says of them; *confirmed is the last in a row. */
static int
hear(struct batch *batch, bool done[BATCH], uint64_t before)
{
	const int64_t ms = batch->move->config->amqp_timeout;
	struct timeval wait = { ms / 1000, ms % 1000 * 1000 };
	const amqp_connection_state_t c = batch->link.connection;
	const amqp_basic_ack_t *ack;
	amqp_frame_t frame;
	uint64_t tag;
	int status = amqp_simple_wait_frame_noblock(c, &frame, &wait);

	if (status != AMQP_STATUS_OK)
		return fail(batch, batch->move->to, amqp_error_string2(status));
	if (frame.frame_type != AMQP_FRAME_METHOD)
		return 0;
	switch (frame.payload.method.id) {
	case AMQP_BASIC_ACK_METHOD:
		ack = frame.payload.method.decoded;
		tag = ack->multiple ? before + 1 : ack->delivery_tag;
		for (; tag <= ack->delivery_tag; tag++)
			if (tag > before && tag <= before + batch->count)
				done[tag - before - 1] = true;
		return 0;
	case AMQP_BASIC_NACK_METHOD:
		return fail(batch, batch->move->to, "the broker has no room");
	case AMQP_BASIC_RETURN_METHOD:
		return fail(batch, batch->move->to, "the queue is gone");
	case AMQP_CHANNEL_CLOSE_METHOD:
	case AMQP_CONNECTION_CLOSE_METHOD:
		return fail(batch, batch->move->to, "closed by the broker");
	default:
		return 0; /* of an alarm that begins or ends */
	}
}

static bool
all_are(const bool done[BATCH], size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!done[i])
			return false;
	return true;
}

static int
put_batch(struct batch *batch)
{
	const uint64_t before = batch->published;
	bool done[BATCH] = { false };
	size_t i;

	for (i = 0; i < batch->count; i++)
		if (put(batch, &batch->messages[i]) == -1)
			return -1;
	while (!all_are(done, batch->count))
		if (hear(batch, done, before) == -1)
			return -1;
	return 0;
}

/* -- all of it ---------------------------------------------------------------- */

static void
forget(struct batch *batch)
{
	size_t i;

	for (i = 0; i < batch->count; i++)
		amqp_destroy_message(&batch->messages[i]);
	batch->count = batch->bytes = 0;
	amqp_maybe_release_buffers(batch->link.connection);
}

static int
move_batch(struct batch *batch)
{
	const amqp_connection_state_t c = batch->link.connection;
	int status;

	if (take_batch(batch) == -1 || put_batch(batch) == -1)
		return -1;
	if (batch->count == 0)
		return 0;
	status = amqp_basic_ack(c, AMQP_LINK_CHANNEL,
	    batch->tags[batch->count - 1], 1);
	if (status != AMQP_STATUS_OK)
		return fail(batch, batch->move->from,
		    amqp_error_string2(status));
	batch->move->moved(batch->move->arg, batch->count);
	return 0;
}

int
message_move_all(const struct message_move *move, char *why, size_t size)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	bool more = true;
	int result;

	if (batch == NULL)
		abort();
	batch->move = move;
	batch->why = why;
	batch->why_size = size;
	batch->link.config = move->config;
	batch->link.name = "migrate";
	result = amqp_link_open(&batch->link, why, size);
	if (result == 0)
		amqp_confirm_select(batch->link.connection, AMQP_LINK_CHANNEL);
	while (result == 0 && more) {
		result = move_batch(batch);
		more = batch->count > 0;
		forget(batch);
	}
	amqp_link_close(&batch->link, NULL);
	free(batch);
	return result;
}
