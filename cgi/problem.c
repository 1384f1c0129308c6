/* SPDX-License-Identifier: MIT */
/* The table of error answers, and their body. */
#include "problem.h"

#include <string.h>

#include "api.h"
#include "api_metrics.h"
#include "request.h"
#include "response.h"

static const struct {
	int status;
	const char *name;
} problems[PROBLEM__MAX] = {
	[PROBLEM_VALIDATION] = { 400, "validation_error" },
	[PROBLEM_IDEMPOTENCY_KEY] = { 400, "invalid_idempotency_key" },
	[PROBLEM_MISSING_KEY] = { 401, "missing_api_key" },
	[PROBLEM_INVALID_KEY] = { 401, "invalid_api_key" },
	[PROBLEM_RESTRICTED_KEY] = { 403, "restricted_api_key" },
	[PROBLEM_FROM] = { 403, "validation_error" },
	[PROBLEM_NOT_FOUND] = { 404, "not_found" },
	[PROBLEM_METHOD] = { 405, "method_not_allowed" },
	[PROBLEM_IDEMPOTENT_REQUEST] = { 409, "invalid_idempotent_request" },
	[PROBLEM_STATUS] = { 409, "wrong_status" },
	[PROBLEM_EXPIRED] = { 409, "expired" },
	[PROBLEM_PAYLOAD_LOST] = { 409, "payload_lost" },
	[PROBLEM_TOO_LARGE] = { 413, "payload_too_large" },
	[PROBLEM_MEDIA_TYPE] = { 415, "unsupported_media_type" },
	[PROBLEM_RATE] = { 429, "rate_limit_exceeded" },
	[PROBLEM_QUOTA] = { 429, "daily_quota_exceeded" },
	[PROBLEM_INTERNAL] = { 500, "internal_error" },
	[PROBLEM_UNAVAILABLE] = { 503, "service_unavailable" },
	[PROBLEM_UNKNOWN] = { 504, "outcome_unknown" },
};

const char *
problem_name(enum problem problem)
{
	return problems[problem].name;
}

int
problem_status(enum problem problem)
{
	return problems[problem].status;
}

void
problem_write(struct buffer *out, enum problem problem, const char *message,
    const struct problem_extra *extra)
{
	int status = problems[problem].status;

	buffer_printf(out,
	    "{\"error\":\"%s\",\"statusCode\":%d,\"name\":\"%s\",\"message\":",
	    response_reason(status), status, problems[problem].name);
	buffer_add_json_text(out, message);
	buffer_add_text(out, ",\"details\":[");
	if (extra != NULL && extra->faults != NULL)
		buffer_add(out, extra->faults->details.data,
		    extra->faults->details.len);
	buffer_add_text(out, "]");
	if (extra != NULL && extra->job_id != NULL) {
		buffer_add_text(out, ",\"job_id\":");
		buffer_add_json_text(out, extra->job_id);
	}
	if (extra != NULL && extra->status != NULL) {
		buffer_add_text(out, ",\"status\":");
		buffer_add_json_text(out, extra->status);
	}
	buffer_add_text(out, "}");
}

/* In s. By then a Redis that is back has been found. */
static int
retry_after(const struct config *config)
{
	return (int)((config->reconnect_cap + 999) / 1000);
}

void
problem_send(struct request *request, enum problem problem, const char *message,
    const struct problem_extra *extra)
{
	struct response response = { .status = problems[problem].status };

	metrics_add(&metric_refused, problem, 1);
	problem_write(&response.body, problem, message, extra);
	if (extra != NULL)
		response.allow = extra->allow;
	if (response.status == 503)
		response.retry_after = retry_after(request->api->config);
	if (response.status == 429)
		response.retry_after = (int)request->ask.retry_after;
	response.challenge = response.status == 401;
	response_send(request, &response);
}

void
problem_send_faults(struct request *request, struct faults *faults)
{
	const struct problem_extra extra = { .faults = faults };
	struct buffer message = { 0 };

	buffer_add(&message, faults->summary.data, faults->summary.len);
	if (faults->count > FAULTS_SUMMARY)
		buffer_printf(&message, "; and %zu more",
		    faults->count - FAULTS_SUMMARY);
	problem_send(request, PROBLEM_VALIDATION, message.data, &extra);
	buffer_free(&message);
	faults_free(faults);
}
