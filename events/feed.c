/* SPDX-License-Identifier: MIT */
/*
 * A turn is two commands in one write: is the last event still there, and what
 * is behind it (XREAD, which waits for more). The jobs of what came are asked
 * for before the next turn, on the same connection: answers come in order.
 */
#include "feed.h"

#include <stdlib.h>

#include "log.h"

#define STREAM "job_events"
#define COUNT 128 /* events a turn */

struct feed {
	struct feed_options options;
	struct store_client *store;
	bool known;
	struct position read; /* of the last entry that was read */
	struct position told; /* of the last that was passed on */
	unsigned connects; /* how often Redis was connected */
	unsigned checked; /* on which of these `read` was found */
	bool broken; /* it was not found */
};

/* An event whose job is being read. */
struct reading {
	struct feed *feed;
	struct event *event;
};

static void take_turn(struct feed *);

/* -- where it begins -------------------------------------------------------- */

static void
on_newest(void *arg, const redisReply *reply)
{
	struct feed *feed = arg;
	const bool was_known = feed->known;

	if (reply == NULL)
		return;
	feed->read = (struct position){ 0, 0 };
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0)
		/* What has no position is no stream's entry. */
		(void)event_position(reply->element[0], &feed->read);
	feed->told = feed->read;
	feed->known = true;
	if (was_known)
		feed->options.broken(feed->options.arg);
	else
		feed->options.known(feed->options.arg);
	take_turn(feed);
}

static void
begin(struct feed *feed)
{
	store_client_command(feed->store, on_newest, feed,
	    "XREVRANGE " STREAM " + - COUNT 1");
}

/* -- events ----------------------------------------------------------------- */

static void
on_job(void *arg, const redisReply *reply)
{
	struct reading *reading = arg;
	struct feed *feed = reading->feed;

	if (reply != NULL) {
		event_complete(reading->event, reply);
		/* While nobody listened it may have gone further. */
		if (position_compare(feed->told, reading->event->at) < 0)
			feed->told = reading->event->at;
		feed->options.event(feed->options.arg, reading->event);
	}
	event_free(reading->event);
	free(reading);
}

static void
read_job(struct feed *feed, struct event *event)
{
	struct reading *reading = malloc(sizeof(*reading));
	struct buffer command = { 0 };

	if (reading == NULL)
		abort();
	reading->feed = feed;
	reading->event = event;
	event_add_command(event, &command);
	store_client_command(feed->store, on_job, reading, command.data);
	buffer_free(&command);
}

static void
take_entry(struct feed *feed, const redisReply *entry)
{
	struct event *event;

	if (event_position(entry, &feed->read) == -1)
		return;
	if (!feed->options.wanted(feed->options.arg)) {
		feed->told = feed->read;
		return;
	}
	event = event_new(entry);
	if (event != NULL)
		read_job(feed, event);
	else
		log_debug("an entry of " STREAM " is no event", NULL);
}

/* -- a turn ----------------------------------------------------------------- */

/* The entries of XREAD's answer: {{stream, entries}}; NULL: there are none. */
static const redisReply *
entries_of(const redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1)
		return NULL;
	reply = reply->element[0];
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
	    reply->element[1]->type != REDIS_REPLY_ARRAY)
		return NULL;
	return reply->element[1];
}

static void
on_entries(void *arg, const redisReply *reply)
{
	struct feed *feed = arg;
	const redisReply *entries;
	size_t i;

	if (reply == NULL)
		return;
	if (feed->checked != feed->connects) {
		take_turn(feed); /* not the Redis that was asked before it */
		return;
	}
	if (feed->broken) {
		feed->broken = false;
		begin(feed);
		return;
	}
	entries = entries_of(reply);
	for (i = 0; entries != NULL && i < entries->elements; i++)
		take_entry(feed, entries->element[i]);
	take_turn(feed);
}

static void
on_checked(void *arg, const redisReply *reply)
{
	struct feed *feed = arg;

	if (reply == NULL)
		return;
	feed->checked = feed->connects;
	feed->broken = reply->type != REDIS_REPLY_ARRAY || reply->elements == 0;
	if (feed->broken)
		log_warning("the stream of events was lost, or set back", NULL);
}

/*
 * XREAD waits for half of REDIS_TIMEOUT at most: a Redis that does not answer
 * is told from one that has no news.
 */
static void
take_turn(struct feed *feed)
{
	char at[POSITION_SIZE];

	position_format(at, feed->read);
	if (feed->read.ms == 0)
		feed->checked = feed->connects; /* there is nothing to find */
	else
		store_client_command(feed->store, on_checked, feed,
		    "XRANGE " STREAM " %s %s COUNT 1", at, at);
	store_client_command(feed->store, on_entries, feed,
	    "XREAD COUNT %d BLOCK %d STREAMS " STREAM " %s", COUNT,
	    (int)(feed->options.config->redis_timeout / 2), at);
}

/* -- the feed --------------------------------------------------------------- */

static void
on_connected(void *arg)
{
	struct feed *feed = arg;

	feed->connects++;
	feed->options.changed(feed->options.arg);
}

static void
on_lost(void *arg)
{
	struct feed *feed = arg;

	feed->options.changed(feed->options.arg);
}

struct feed *
feed_new(const struct feed_options *options)
{
	struct feed *feed = calloc(1, sizeof(*feed));
	struct store_client_options store = {
		.loop = options->loop,
		.config = options->config,
		.connected = on_connected,
		.lost = on_lost,
		.arg = feed,
	};

	if (feed == NULL)
		abort();
	feed->options = *options;
	feed->store = store_client_new(&store);
	begin(feed);
	return feed;
}

void
feed_free(struct feed *feed)
{
	if (feed == NULL)
		return;
	store_client_free(feed->store);
	free(feed);
}

bool
feed_is_up(const struct feed *feed)
{
	struct store_client_status status;

	store_client_get_status(feed->store, &status);
	return status.up;
}

bool
feed_position(const struct feed *feed, struct position *position)
{
	*position = feed->told;
	return feed->known;
}

void
feed_get_status(const struct feed *feed, struct store_client_status *status)
{
	store_client_get_status(feed->store, status);
}
