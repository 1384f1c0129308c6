/* SPDX-License-Identifier: MIT */
/* The worker's health as JSON. */
#include "health.h"

#include "health_json.h"
#include "intake.h"
#include "journal.h"
#include "known_store.h"
#include "outage.h"
#include "outbound.h"
#include "recorder.h"
#include "relays.h"
#include "store_client.h"
#include "timestamp.h"
#include "worker.h"

static void
add_time(struct buffer *json, const char *name, int64_t at)
{
	char text[TIMESTAMP_SIZE];

	timestamp_format(text, at);
	buffer_printf(json, ",\"%s\":\"%s\"", name, text);
}

/* Only where there is a limit. */
static void
add_pace(const struct pace *pace, struct buffer *json)
{
	if (!pace_limits(pace))
		return;
	buffer_add_text(json, ",\"pace\":{\"send_rate\":");
	buffer_printf(json, pace->rate > 0 ? "%.6g" : "null", pace->rate);
	buffer_printf(json, ",\"limits\":%zu,\"waits\":%llu}", pace->table.len,
	    (unsigned long long)pace->waits);
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
	health_json_dependency(json,
	    &(struct health_dependency){ .name = "redis",
		.status = redis.up ? "up" : "down",
		.latency = redis.latency,
		.since = redis.since,
		.error = redis.last_error });
	buffer_printf(json, ",\"durable\":%s", durable[redis.durability]);
	if (redis.advice[0] != '\0') {
		buffer_add_text(json, ",\"advice\":");
		buffer_add_json_text(json, redis.advice);
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

	outage_why(&rabbitmq_outage, error);
	buffer_add_text(json, ",");
	health_json_dependency(json,
	    &(struct health_dependency){ .name = "rabbitmq",
		.status = broker_state_names[publishes],
		.latency = latency,
		.since = outage_since(&rabbitmq_outage),
		.error = error });
	buffer_printf(json, ",\"consumer\":\"%s\"}",
	    broker_state_names[intake_state(worker->intake)]);
}

/* One is `smtp` itself; several are told by their names. */
static void
add_relay(struct buffer *json, const char *name, size_t at,
    const struct relays *relays)
{
	struct relay_status relay;

	relays_get_status(relays, at, &relay);
	health_json_dependency(json,
	    &(struct health_dependency){ .name = name,
		.status = relay_state_names[relay.state],
		.latency = relay.latency,
		.since = relay.since,
		.error = relay.last_error });
	buffer_printf(json, ",\"connections\":%zu}", relay.connections);
}

static void
add_relays(const struct worker *worker, struct buffer *json)
{
	const struct relays *relays = worker->relays;
	const size_t len = relays_len(relays);
	size_t i;

	if (len == 1) {
		buffer_add_text(json, ",");
		add_relay(json, "smtp", 0, relays);
		return;
	}
	buffer_printf(json, ",\"smtp\":{\"status\":\"%s\",\"relays\":{",
	    relays_are_down(relays, RELAYS_ALL) ? "down" : "up");
	for (i = 0; i < len; i++) {
		if (i > 0)
			buffer_add_text(json, ",");
		add_relay(json, relays_name(relays, i), i, relays);
	}
	buffer_add_text(json, "}}");
}

/* Only where one is kept. */
static void
add_record(const struct worker *worker, struct buffer *json)
{
	struct recorder_status record;

	if (worker->recorder == NULL)
		return;
	recorder_get_status(worker->recorder, &record);
	buffer_add_text(json, ",");
	health_json_dependency(json,
	    &(struct health_dependency){ .name = "record",
		.status = record.up ? "up" : "down",
		.latency = -1,
		.since = outage_since(&record_outage),
		.error = record.why });
	buffer_add_text(json, ",\"waiting\":");
	if (record.waiting >= 0)
		buffer_add_number(json, record.waiting);
	else
		buffer_add_text(json, "null");
	buffer_add_text(json, "}");
}

static bool
is_any_down(const struct relays *relays)
{
	size_t i;

	for (i = 0; i < relays_len(relays); i++)
		if (relays_are_down(relays, (relay_set)1 << i))
			return true;
	return false;
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
	if (is_any_down(worker->relays))
		return "a relay is down";
	if (worker->pause.since != 0)
		return "sending is paused by the operator";
	if (worker->record_differs)
		return "programs differ in DATABASE_URL";
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

	store_client_get_status(worker->store, &redis);
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
	if (relays_are_down(worker->relays, RELAYS_ALL))
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
	health_json_begin(json, reason);
	buffer_printf(json,
	    ",\"owner\":\"%s\",\"isRunning\":%s,\"jobsProcessed\":%llu,"
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
	add_pace(&worker->pace, json);
	buffer_add_text(json, ",\"dependencies\":{");
	add_redis(worker, json);
	add_rabbitmq(worker, json);
	add_relays(worker, json);
	add_record(worker, json);
	buffer_add_text(json, "}}\n");
}

bool
health_ready(const struct worker *worker, struct buffer *json)
{
	return health_json_ready(json, obstacle(worker));
}
