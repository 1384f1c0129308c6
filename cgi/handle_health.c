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
#include "outage.h"
#include "problem.h"
#include "request.h"
#include "response.h"
#include "timestamp.h"
#include "version.h"

/* -- health ---------------------------------------------------------------- */

static void
write_latency(struct buffer *out, int64_t ms)
{
	buffer_add_text(out, ",\"latency_ms\":");
	if (ms < 0)
		buffer_add_text(out, "null");
	else
		buffer_add_number(out, ms);
}

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

/* What the answer is made of. */
struct findings {
	enum commit_result redis; /* what it said to our question */
	int64_t latency; /* ms it took */
	enum store_durability durable;
	char advice[DURABILITY_ADVICE_SIZE];
	char error[OUTAGE_WHY_SIZE]; /* why Redis is away or refuses; "" */
	bool paused; /* by the operator */
	enum broker_state broker;
	int64_t confirm; /* ms that the last confirm took */
};

static void
find_out(struct findings *found, struct request *request,
    enum commit_result redis)
{
	struct commit *commit = request->api->commit;
	char refused[REFUSAL_WHY_SIZE];

	found->redis = redis;
	found->latency = timestamp_monotonic() - request->began;
	found->durable =
	    durability_get(commit_durability(commit), found->advice);
	found->broker = commit_broker(commit, &found->confirm);
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
	if (found->broker == BROKER_DOWN)
		return "rabbitmq is away";
	if (found->broker != BROKER_UP)
		return "rabbitmq takes no messages";
	if (found->durable == STORE_NOT_DURABLE)
		return "redis can lose accepted mail";
	if (found->paused)
		return "sending is paused by the operator";
	return NULL;
}

static void
write_redis(struct buffer *out, const struct findings *found)
{
	const bool up = found->redis == COMMIT_CONFIRMED;
	const bool refusing = found->redis == COMMIT_REFUSED;

	buffer_printf(out, "\"redis\":{\"status\":\"%s\"",
	    refusing ? "refusing" :
		up   ? "up" :
		       "down");
	write_latency(out, up || refusing ? found->latency : -1);
	write_durability(out, found->durable, found->advice);
	if (found->error[0] != '\0') {
		buffer_add_text(out, ",\"error\":");
		buffer_add_json_text(out, found->error);
	}
	buffer_add_text(out, "}");
}

static void
told_health(struct commit_job *one, enum commit_result result)
{
	struct request *request =
	    (void *)((char *)one - offsetof(struct request, commit));
	struct response response = { .status = 200 };
	struct buffer *body = &response.body;
	struct findings found;
	const char *reason;

	find_out(&found, request, result);
	found.paused = one->paused;
	reason = reason_of(&found);
	buffer_printf(body, "{\"status\":\"%s\",\"reason\":",
	    reason == NULL ? "ok" : "degraded");
	buffer_add_json_text(body, reason);
	buffer_printf(body,
	    ",\"version\":\"" POSTRIDER_VERSION
	    "\",\"uptime_s\":%lld,\"paused\":%s,\"paused_domains\":%zu,"
	    "\"dependencies\":{",
	    (long long)(timestamp_monotonic() - request->api->began) / 1000,
	    one->paused ? "true" : "false", one->paused_domains);
	write_redis(body, &found);
	buffer_printf(body, ",\"rabbitmq\":{\"status\":\"%s\"",
	    broker_state_names[found.broker]);
	write_latency(body, found.broker == BROKER_DOWN ? -1 : found.confirm);
	buffer_add_text(body, "}}}");
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
		buffer_add_text(&response.body, "{\"ready\":true}");
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
