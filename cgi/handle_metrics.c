/* SPDX-License-Identifier: MIT */
/*
 * GET /metrics: what the API has counted, and what waits in Redis. While Redis
 * does not tell, that is left out; the rest is told all the same.
 */
#include "api.h"
#include "api_metrics.h"
#include "handle.h"
#include "job.h"
#include "log.h"
#include "request.h"
#include "response.h"

#define WAITING (2 * BACKLOG__MAX)
#define PARTS (WAITING + 1 + JOB_STATUS__MAX)

/* `reply` NULL: there is none. */
static void
note_backlog(const redisReply *reply)
{
	int64_t told[PARTS];
	size_t i;

	for (i = 0; i < PARTS; i++)
		told[i] =
		    reply != NULL ? reply->element[i]->integer : METRIC_ABSENT;
	for (i = 0; i < BACKLOG__MAX; i++) {
		metrics_set(&metric_backlog, i, told[2 * i]);
		metrics_set(&metric_backlog_age, i, told[2 * i + 1]);
	}
	metrics_set(&metric_suppressions, 0, told[WAITING]);
	for (i = 0; i < JOB_STATUS__MAX; i++)
		metrics_set(&metric_jobs, i, told[WAITING + 1 + i]);
}

static void
told_by_redis(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct request *request =
	    (void *)((char *)call - offsetof(struct request, call));
	struct response response = { .status = 200, .type = METRICS_TYPE };
	const bool known = result == PIPELINE_REPLIED &&
	    reply->type == REDIS_REPLY_ARRAY && reply->elements == PARTS;

	if (result == PIPELINE_REPLIED && !known)
		log_error("the backlog is not in its shape", "why",
		    reply->type == REDIS_REPLY_ERROR ? reply->str : NULL, NULL);
	note_backlog(known ? reply : NULL);
	api_metrics_write(request->api, &response.body);
	response_send(request, &response);
}

void
handle_metrics(struct request *request)
{
	struct store_call script;
	int i;

	store_call_begin(&script, STORE_BACKLOG);
	for (i = 0; i < JOB_STATUS__MAX; i++)
		store_call_text(&script, job_status_names[i]);
	pipeline_call_set(&request->call, &script);
	request->call.deadline = request_deadline(request);
	request->call.done = told_by_redis;
	pipeline_send(request->api->reads, &request->call);
}
