/* SPDX-License-Identifier: MIT */
#include "health.h"

#include "events.h"
#include "health_json.h"
#include "timestamp.h"

/* What is in the way of events, or NULL. */
static const char *
obstacle(const struct events *events)
{
	return feed_is_up(events->feed) ? NULL : "redis is away";
}

static void
add_redis(const struct events *events, struct buffer *json)
{
	struct store_client_status redis;
	struct health_dependency it = { .name = "redis" };

	feed_get_status(events->feed, &redis);
	it.status = redis.up ? "up" : "down";
	it.latency = redis.latency;
	it.since = redis.since;
	it.error = redis.last_error;
	health_json_dependency(json, &it);
	buffer_add_text(json, "}");
}

void
health_write(const struct events *events, struct buffer *json)
{
	const struct clients *clients = &events->clients;
	const char *reason = obstacle(events);
	char at[POSITION_SIZE], started[TIMESTAMP_SIZE];
	struct position position;
	const bool known = feed_position(events->feed, &position);

	position_format(at, position);
	timestamp_format(started, events->started_at);
	health_json_begin(json, reason);
	buffer_printf(json,
	    ",\"clients\":{"
	    "\"websocket\":%zu,\"sse\":%zu},\"accepted\":%llu,"
	    "\"refused\":%llu,\"cut\":%llu,\"told\":%llu,"
	    "\"started_at\":\"%s\",\"last_event_id\":",
	    clients->websockets, clients->streams,
	    (unsigned long long)clients->accepted,
	    (unsigned long long)clients->refused,
	    (unsigned long long)clients->cut, (unsigned long long)clients->told,
	    started);
	buffer_add_json_text(json, known ? at : NULL);
	buffer_add_text(json, ",\"dependencies\":{");
	add_redis(events, json);
	buffer_add_text(json, "}}\n");
}

bool
health_ready(const struct events *events, struct buffer *json)
{
	return health_json_ready(json, obstacle(events));
}
