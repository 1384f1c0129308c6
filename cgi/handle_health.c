/* SPDX-License-Identifier: MIT */
/*
 * GET /health tells how the process and what it depends on are, and is 200 as
 * long as the process works. GET /ready is for load balancers: 200 only while a
 * mail would be accepted.
 */
#include <stddef.h>
#include <string.h>

#include "api.h"
#include "handle.h"
#include "health_json.h"
#include "outage.h"
#include "problem.h"
#include "request.h"
#include "response.h"
#include "timestamp.h"

/* -- health ---------------------------------------------------------------- */

static void
write_durability(struct buffer *out, enum store_durability durable,
    const char *advice)
{
	static const char *const words[] = {
		[STORE_DURABLE] = "true",
		[STORE_NOT_DURABLE] = "false",
		[STORE_DURABILITY_UNKNOWN] = "null",
	};

	buffer_printf(out, ",\"durable\":%s,\"advice\":", words[durable]);
	buffer_add_json_text(out, advice[0] != '\0' ? advice : NULL);
}

/* Mail would be refused soon: it goes where there is more room. */
#define NEARLY_FULL "redis is nearly full"
#define NEARLY_FULL_AT 95 /* percent of maxmemory */

static bool
is_nearly_full(const struct commit_job *probe)
{
	return probe->memory_used >= NEARLY_FULL_AT;
}

/* What the answer is made of. */
struct findings {
	enum commit_result redis; /* what it said to our question */
	bool nearly_full;
	int64_t latency; /* ms it took */
	enum store_durability durable;
	char advice[DURABILITY_ADVICE_SIZE];
	char error[OUTAGE_WHY_SIZE]; /* why Redis is away or refuses; "" */
	bool paused; /* by the operator */
	enum broker_state broker;
	int64_t confirm; /* ms that the last confirm took */
	bool has_record;
	struct record_reader_status record;
};

static void
find_out(struct findings *found, struct request *request,
    enum commit_result redis)
{
	struct commit *commit = request->api->commit;
	char refused[REFUSAL_WHY_SIZE];

	found->redis = redis;
	found->nearly_full = is_nearly_full(&request->commit);
	found->latency = timestamp_monotonic() - request->began;
	found->durable =
	    durability_get(commit_durability(commit), found->advice);
	found->broker = commit_broker(commit, &found->confirm);
	found->has_record = request->api->record != NULL;
	if (found->has_record)
		record_reader_get_status(request->api->record, &found->record);
	outage_why(&redis_outage, found->error);
	refusal_why(commit_refusal(commit), refused);
	if (redis == COMMIT_REFUSED)
		memcpy(found->error, refused, sizeof(refused));
}

/* The first thing in the way of mail, or NULL. */
static const char *
reason_of(const struct findings *found)
{
	if (found->redis == COMMIT_REFUSED)
		return "redis takes no new jobs";
	if (found->redis != COMMIT_CONFIRMED || found->error[0] != '\0')
		return "redis is away";
	if (found->nearly_full)
		return NEARLY_FULL;
	if (found->broker == BROKER_DOWN)
		return "rabbitmq is away";
	if (found->broker != BROKER_UP)
		return "rabbitmq takes no messages";
	if (found->durable == STORE_NOT_DURABLE)
		return "redis can lose accepted mail";
	if (found->paused)
		return "sending is paused by the operator";
	if (found->has_record && found->record.state == RECORD_READER_DOWN)
		return "the record is away";
	return NULL;
}

static void
write_redis(struct buffer *out, const struct findings *found)
{
	/* With its last connection: `since` is of all of them. */
	const bool up =
	    found->redis == COMMIT_CONFIRMED && found->error[0] == '\0';
	const bool refusing = found->redis == COMMIT_REFUSED;
	const struct health_dependency redis = {
		.name = "redis",
		.status = refusing ? "refusing" :
		    up             ? "up" :
				     "down",
		.latency = up || refusing ? found->latency : -1,
		.since = outage_since(&redis_outage),
		.error = found->error,
	};

	health_json_dependency(out, &redis);
	write_durability(out, found->durable, found->advice);
	buffer_add_text(out, "}");
}

static void
write_rabbitmq(struct buffer *out, const struct findings *found)
{
	char error[OUTAGE_WHY_SIZE];
	const struct health_dependency rabbitmq = {
		.name = "rabbitmq",
		.status = broker_state_names[found->broker],
		.latency = found->broker == BROKER_DOWN ? -1 : found->confirm,
		.since = outage_since(&rabbitmq_outage),
		.error = error,
	};

	outage_why(&rabbitmq_outage, error);
	health_json_dependency(out, &rabbitmq);
	buffer_add_text(out, "}");
}

static void
write_record(struct buffer *out, const struct findings *found)
{
	const struct health_dependency record = {
		.name = "record",
		.status = record_reader_state_names[found->record.state],
		.latency = -1,
		.since = outage_since(&record_outage),
		.error = found->record.why,
	};

	if (!found->has_record)
		return;
	buffer_add_text(out, ",");
	health_json_dependency(out, &record);
	buffer_add_text(out, "}");
}

static void
told_health(struct commit_job *one, enum commit_result result)
{
	struct request *request =
	    (void *)((char *)one - offsetof(struct request, commit));
	struct response response = { .status = 200 };
	struct buffer *body = &response.body;
	struct findings found = { 0 };

	find_out(&found, request, result);
	found.paused = one->paused;
	health_json_begin(body, reason_of(&found));
	buffer_printf(body,
	    ",\"uptime_s\":%lld,\"paused\":%s,\"paused_domains\":%zu,"
	    "\"dependencies\":{",
	    (long long)(timestamp_monotonic() - request->api->began) / 1000,
	    one->paused ? "true" : "false", one->paused_domains);
	write_redis(body, &found);
	buffer_add_text(body, ",");
	write_rabbitmq(body, &found);
	write_record(body, &found);
	buffer_add_text(body, "}}");
	response_send(request, &response);
}

void
handle_health(struct request *request)
{
	request->commit.done = told_health;
	commit_probe(request->api->commit, &request->commit,
	    request_deadline(request));
}

/* -- ready ----------------------------------------------------------------- */

static bool
knows_keys(const struct request *request)
{
	struct keyring *keyring = request->api->keyring;

	return keyring == NULL || keyring_is_up(keyring);
}

static void
probed(struct commit_job *one, enum commit_result result)
{
	struct request *request =
	    (void *)((char *)one - offsetof(struct request, commit));
	struct response response = { .status = 200 };

	if (!knows_keys(request))
		result = COMMIT_UNAVAILABLE;
	switch (result) {
	case COMMIT_CONFIRMED:
	case COMMIT_KEPT:
		if (is_nearly_full(one)) {
			problem_send(request, PROBLEM_UNAVAILABLE,
			    "Redis is nearly full", NULL);
			break;
		}
		(void)health_json_ready(&response.body, NULL);
		response_send(request, &response);
		break;
	case COMMIT_REFUSED:
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "Redis takes no writes now", NULL);
		break;
	case COMMIT_UNAVAILABLE:
	case COMMIT_UNKNOWN:
	case COMMIT_REPEATED: /* a probe has no key */
	case COMMIT_REPEATED_KEPT:
	case COMMIT_DIFFERS:
	case COMMIT_FAULT:
	case COMMIT_RESULT__MAX:
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "Redis is not reachable", NULL);
		break;
	}
}

void
handle_ready(struct request *request)
{
	request->commit.done = probed;
	commit_probe(request->api->commit, &request->commit,
	    request_deadline(request));
}
