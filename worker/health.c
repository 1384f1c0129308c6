/* SPDX-License-Identifier: MIT */
/* The worker's health as JSON. */
#include "health.h"

#include "intake.h"
#include "journal.h"
#include "known_store.h"
#include "outage.h"
#include "outbound.h"
#include "recorder.h"
#include "relay.h"
#include "store_client.h"
#include "timestamp.h"
#include "version.h"
#include "worker.h"

static void
add_time(struct buffer *json, const char *name, int64_t at)
{
	char text[TIMESTAMP_SIZE];

	timestamp_format(text, at);
	buffer_printf(json, ",\"%s\":\"%s\"", name, text);
}

static void
add_latency(struct buffer *json, int64_t latency)
{
	if (latency >= 0)
		buffer_printf(json, ",\"latency_ms\":%lld", (long long)latency);
	else
		buffer_add_text(json, ",\"latency_ms\":null");
}

static void
add_redis(const struct worker *worker, struct buffer *json)
{
	static const char *const durable[] = {
		[STORE_DURABLE] = "true",
		[STORE_NOT_DURABLE] = "false",
		[STORE_DURABILITY_UNKNOWN] = "null",
	};
	struct store_client_status redis;

	store_client_get_status(worker->store, &redis);
	buffer_printf(json, "\"redis\":{\"status\":\"%s\",\"durable\":%s",
	    redis.up ? "up" : "down", durable[redis.durability]);
	add_latency(json, redis.latency);
	add_time(json, "since", redis.since);
	if (redis.advice[0] != '\0') {
		buffer_add_text(json, ",\"advice\":");
		buffer_add_json_text(json, redis.advice);
	}
	if (redis.last_error[0] != '\0') {
		buffer_add_text(json, ",\"error\":");
		buffer_add_json_text(json, redis.last_error);
	}
	buffer_add_text(json, "}");
}

static void
add_rabbitmq(const struct worker *worker, struct buffer *json)
{
	char error[OUTAGE_WHY_SIZE];
	int64_t latency;
	enum broker_state publishes =
	    outbound_state(worker->outbound, &latency);

	buffer_printf(json,
	    ",\"rabbitmq\":{\"status\":\"%s\","
	    "\"consumer\":\"%s\"",
	    broker_state_names[publishes],
	    broker_state_names[intake_state(worker->intake)]);
	add_latency(json, latency);
	outage_why(&rabbitmq_outage, error);
	if (error[0] != '\0') {
		buffer_add_text(json, ",\"error\":");
		buffer_add_json_text(json, error);
	}
	buffer_add_text(json, "}");
}

static void
add_relay(const struct worker *worker, struct buffer *json)
{
	struct relay_status relay;

	relay_get_status(worker->relay, &relay);
	buffer_printf(json, ",\"smtp\":{\"status\":\"%s\",\"connections\":%zu",
	    relay_state_names[relay.state], relay.connections);
	add_latency(json, relay.latency);
	add_time(json, "since", relay.since);
	if (relay.last_error[0] != '\0') {
		buffer_add_text(json, ",\"error\":");
		buffer_add_json_text(json, relay.last_error);
	}
	buffer_add_text(json, "}");
}

/* Only where one is kept. */
static void
add_record(const struct worker *worker, struct buffer *json)
{
	struct recorder_status record;

	if (worker->recorder == NULL)
		return;
	recorder_get_status(worker->recorder, &record);
	buffer_printf(json, ",\"record\":{\"status\":\"%s\",\"waiting\":",
	    record.up ? "up" : "down");
	if (record.waiting >= 0)
		buffer_add_number(json, record.waiting);
	else
		buffer_add_text(json, "null");
	if (record.why[0] != '\0') {
		buffer_add_text(json, ",\"error\":");
		buffer_add_json_text(json, record.why);
	}
	buffer_add_text(json, "}");
}

/* What is not in the way of mail, but should be put right; or NULL. */
static const char *
shortcoming(const struct worker *worker)
{
	struct store_client_status redis;
	struct recorder_status record;

	store_client_get_status(worker->store, &redis);
	if (redis.durability == STORE_NOT_DURABLE)
		return "redis can lose accepted mail";
	if (worker->pause.since != 0)
		return "sending is paused by the operator";
	if (worker->recorder == NULL)
		return NULL;
	recorder_get_status(worker->recorder, &record);
	return record.up ? NULL : "the record is away";
}

/* The first thing in the way of mail, or NULL. */
static const char *
obstacle(const struct worker *worker)
{
	struct store_client_status redis;
	struct relay_status relay;

	store_client_get_status(worker->store, &redis);
	relay_get_status(worker->relay, &relay);
	if (worker->stopping)
		return "stopping";
	if (!redis.up)
		return "redis is away";
	if (known_store_is_other(worker->known_store))
		return "redis is not the store that was known: see the log";
	if (intake_state(worker->intake) != BROKER_UP)
		return "rabbitmq is away";
	if (!journal_healthy(worker->journal))
		return "the journal's disk refuses";
	if (relay.state == RELAY_DOWN)
		return "the relay is down";
	if (outbound_state(worker->outbound, NULL) != BROKER_UP)
		return "rabbitmq takes no messages";
	return NULL;
}

void
health_write(const struct worker *worker, struct buffer *json)
{
	const char *reason = obstacle(worker);
	struct intake_count count;

	intake_get_count(worker->intake, &count);
	if (reason == NULL)
		reason = shortcoming(worker);
	buffer_printf(json, "{\"status\":\"%s\",\"reason\":",
	    reason == NULL ? "ok" : "degraded");
	buffer_add_json_text(json, reason);
	buffer_printf(json,
	    ",\"version\":\"" POSTRIDER_VERSION "\","
	    "\"owner\":\"%s\",\"isRunning\":%s,\"jobsProcessed\":%llu,"
	    "\"attempts\":{\"sent\":%llu,\"deferred\":%llu,\"failed\":%llu,"
	    "\"unknown\":%llu},\"late\":%llu,\"overdue\":%llu,"
	    "\"waiting\":%zu,\"in_hand\":%zu",
	    worker->owner, worker->stopping ? "false" : "true",
	    (unsigned long long)(worker->sent + worker->failed),
	    (unsigned long long)worker->sent,
	    (unsigned long long)worker->deferred,
	    (unsigned long long)worker->failed,
	    (unsigned long long)worker->unknown,
	    (unsigned long long)worker->late,
	    (unsigned long long)worker->overdue, count.waiting, count.in_hand);
	add_time(json, "started_at", worker->started_at);
	if (worker->pause.since != 0)
		add_time(json, "paused_since", worker->pause.since);
	buffer_printf(json, ",\"paused_domains\":%zu", worker->pause.domains);
	buffer_add_text(json, ",\"dependencies\":{");
	add_redis(worker, json);
	add_rabbitmq(worker, json);
	add_relay(worker, json);
	add_record(worker, json);
	buffer_add_text(json, "}}\n");
}

bool
health_ready(const struct worker *worker, struct buffer *json)
{
	const char *reason = obstacle(worker);

	buffer_printf(json,
	    "{\"ready\":%s,\"reason\":", reason == NULL ? "true" : "false");
	buffer_add_json_text(json, reason);
	buffer_add_text(json, "}\n");
	return reason == NULL;
}
