/* SPDX-License-Identifier: MIT */
/* basic.consume, basic.cancel and the depth of queues. */
#include "subscription.h"

#include <stdio.h>
#include <string.h>

#include "config.h"
#include "topology.h"

bool
subscription_is_fine(struct subscription *sub, const char *what)
{
	if (amqp_get_rpc_reply(sub->link->connection).reply_type ==
	    AMQP_RESPONSE_NORMAL)
		return true;
	amqp_link_close(sub->link, what);
	return false;
}

/* Into `name` when it is a lane's. */
static amqp_bytes_t
queue_name(const struct subscription *sub, int queue,
    char name[LANE_QUEUE_SIZE])
{
	if (queue == SUBSCRIPTION_DEAD)
		return amqp_cstring_bytes(TOPOLOGY_DEAD);
	lane_queue(name, (enum lane)queue, sub->link->config->queue);
	return amqp_cstring_bytes(name);
}

static bool
consume(struct subscription *sub, int queue)
{
	char name[LANE_QUEUE_SIZE], *tag = sub->tags[queue];

	(void)snprintf(tag, sizeof(sub->tags[queue]), "postrider-%u",
	    sub->tags_made++);
	amqp_basic_consume(sub->link->connection, AMQP_LINK_CHANNEL,
	    queue_name(sub, queue, name), amqp_cstring_bytes(tag), 0, 0, 0,
	    amqp_empty_table);
	return subscription_is_fine(sub, "basic.consume failed");
}

static bool
cancel(struct subscription *sub, int queue)
{
	amqp_basic_cancel(sub->link->connection, AMQP_LINK_CHANNEL,
	    amqp_cstring_bytes(sub->tags[queue]));
	return subscription_is_fine(sub, "basic.cancel failed");
}

void
subscription_set(struct subscription *sub, bool on)
{
	int i;

	for (i = 0; i < SUBSCRIPTION_QUEUES; i++)
		if (!(on ? consume(sub, i) : cancel(sub, i)))
			return;
	sub->on = on;
}

int
subscription_find(const struct subscription *sub, amqp_bytes_t tag)
{
	int i;

	for (i = 0; i < SUBSCRIPTION_QUEUES; i++)
		if (tag.len == strlen(sub->tags[i]) &&
		    memcmp(tag.bytes, sub->tags[i], tag.len) == 0)
			break;
	return i;
}

int64_t
subscription_measure(struct subscription *sub, enum lane lane)
{
	char name[LANE_QUEUE_SIZE];
	const amqp_queue_declare_ok_t *ok =
	    amqp_queue_declare(sub->link->connection, AMQP_LINK_CHANNEL,
		queue_name(sub, (int)lane, name), 1, 1, 0, 0,
		amqp_empty_table); /* passive */

	if (ok != NULL)
		return ok->message_count;
	(void)subscription_is_fine(sub, "queue.declare failed");
	return -1;
}
