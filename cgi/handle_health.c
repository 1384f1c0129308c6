/* SPDX-License-Identifier: MIT */
/*
 * GET /health tells how the process and what it depends on are, and is 200 as
 * long as the process works. GET /ready is for load balancers: 200 only while a
 * mail would be accepted.
 */
#include <stddef.h>

#include "api.h"
#include "handle.h"
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

/* `latency`: ms of the ping, -1 when Redis is down. */
static void
answer_health(struct request *request, int64_t latency)
{
	struct response response = { .status = 200 };
	struct buffer *body = &response.body;
	struct api *api = request->api;
	char advice[DURABILITY_ADVICE_SIZE];
	enum store_durability durable =
	    durability_get(commit_durability(api->commit), advice);
	int64_t confirm;
	enum broker_state broker = commit_broker(api->commit, &confirm);
	bool up = latency >= 0 && commit_is_up(api->commit);
	bool fine = up && durable != STORE_NOT_DURABLE && broker == BROKER_UP;

	buffer_printf(body,
	    "{\"status\":\"%s\",\"version\":\"" POSTRIDER_VERSION
	    "\",\"uptime_s\":%lld,\"dependencies\":{\"redis\":{\"status\":"
	    "\"%s\"",
	    fine ? "ok" : "degraded",
	    (long long)(timestamp_monotonic() - api->began) / 1000,
	    up ? "up" : "down");
	write_latency(body, latency);
	write_durability(body, durable, advice);
	buffer_printf(body, "},\"rabbitmq\":{\"status\":\"%s\"",
	    broker_state_names[broker]);
	write_latency(body, broker == BROKER_DOWN ? -1 : confirm);
	buffer_add_text(body, "}}}");
	response_send(request, &response);
}

static void
pinged(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct request *request =
	    (void *)((char *)call - offsetof(struct request, call));
	bool up =
	    result == PIPELINE_REPLIED && store_error_of(reply) == STORE_OK;

	answer_health(request,
	    up ? timestamp_monotonic() - request->began : -1);
}

void
handle_health(struct request *request)
{
	struct pipeline_call *call = &request->call;
	int len = (int)redisFormatCommand(&call->command, "PING");

	if (len < 0) {
		answer_health(request, -1);
		return;
	}
	call->command_len = (size_t)len;
	call->deadline = request_deadline(request);
	call->done = pinged;
	pipeline_send(request->api->reads, call);
}

/* -- ready ----------------------------------------------------------------- */

static void
probed(struct commit_job *one, enum commit_result result)
{
	struct request *request =
	    (void *)((char *)one - offsetof(struct request, commit));
	struct response response = { .status = 200 };

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
