/* SPDX-License-Identifier: MIT */
#include "health.h"

#include "events.h"
#include "timestamp.h"
#include "version.h"

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
	char since[TIMESTAMP_SIZE];

	feed_get_status(events->feed, &redis);
	timestamp_format(since, redis.since);
	buffer_printf(json, "{\"status\":\"%s\",\"since\":\"%s\"",
	    redis.up ? "up" : "down", since);
	if (redis.last_error[0] != '\0') {
		buffer_add_text(json, ",\"error\":");
		buffer_add_json_text(json, redis.last_error);
	}
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
	buffer_printf(json, "{\"status\":\"%s\",\"reason\":",
	    reason == NULL ? "ok" : "degraded");
	buffer_add_json_text(json, reason);
	buffer_printf(json,
	    ",\"version\":\"" POSTRIDER_VERSION "\",\"clients\":{"
	    "\"websocket\":%zu,\"sse\":%zu},\"accepted\":%llu,"
	    "\"refused\":%llu,\"cut\":%llu,\"told\":%llu,"
	    "\"started_at\":\"%s\",\"last_event_id\":",
	    clients->websockets, clients->streams,
	    (unsigned long long)clients->accepted,
	    (unsigned long long)clients->refused,
	    (unsigned long long)clients->cut, (unsigned long long)clients->told,
	    started);
	buffer_add_json_text(json, known ? at : NULL);
	buffer_add_text(json, ",\"dependencies\":{\"redis\":");
	add_redis(events, json);
	buffer_add_text(json, "}}\n");
}

bool
health_ready(const struct events *events, struct buffer *json)
{
	const char *reason = obstacle(events);

	buffer_printf(json,
	    "{\"ready\":%s,\"reason\":", reason == NULL ? "true" : "false");
	buffer_add_json_text(json, reason);
	buffer_add_text(json, "}\n");
	return reason == NULL;
}
