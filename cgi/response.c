/* SPDX-License-Identifier: MIT */
/* The one place that writes to the web server. */
#include "response.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "api_metrics.h"
#include "gate.h"
#include "log.h"
#include "request.h"
#include "request_trace.h"
#include "timestamp.h"

#define HEAD_SIZE 256 /* bytes: most fit */
#define LARGE (64 * 1024) /* bytes: less than any unix socket holds */

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 413, "Payload Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

const char *
response_reason(int status)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

/* Resend's names; those of draft-ietf-httpapi-ratelimit-headers-03, too. */
static void
write_rate(const struct keyring_rate *rate, struct buffer *out)
{
	if (rate->limit > 0)
		buffer_printf(out,
		    "RateLimit-Limit: %lld\r\n"
		    "RateLimit-Remaining: %lld\r\n"
		    "RateLimit-Reset: %lld\r\n",
		    (long long)rate->limit, (long long)rate->remaining,
		    (long long)rate->reset);
}

/* All values are our own words: nothing here comes from outside. */
static void
write_head(const struct request *request, const struct response *response,
    struct buffer *out)
{
	buffer_add_text(out, "Status: ");
	buffer_add_number(out, response->status);
	buffer_add_text(out, " ");
	buffer_add_text(out, response_reason(response->status));
	buffer_printf(out,
	    "\r\nContent-Type: %s\r\n"
	    "Cache-Control: no-store\r\n",
	    response->type != NULL ? response->type : "application/json");
	write_rate(&request->ask.rate, out);
	if (response->allow != NULL)
		buffer_printf(out, "Allow: %s\r\n", response->allow);
	if (response->retry_after > 0)
		buffer_printf(out, "Retry-After: %d\r\n",
		    response->retry_after);
	if (response->challenge)
		buffer_add_text(out, "WWW-Authenticate: Bearer\r\n");
	if (response->replayed)
		buffer_add_text(out, "Idempotency-Replayed: true\r\n");
	buffer_add_text(out, "Content-Length: ");
	buffer_add_number(out, (int64_t)response->body.len);
	buffer_add_text(out, "\r\n\r\n");
}

static void
put(struct request *request, const struct buffer *bytes)
{
	size_t done, n;

	/* libfcgi counts in int; its errors show when the stream is closed. */
	for (done = 0; done < bytes->len; done += n) {
		n = bytes->len - done;
		if (n > INT_MAX)
			n = INT_MAX;
		(void)FCGX_PutStr(bytes->data + done, (int)n,
		    request->fcgi.out);
	}
}

void
response_send(struct request *request, struct response *response)
{
	struct buffer head = { 0 };

	buffer_reserve(&head, HEAD_SIZE);
	if (response->body.len > LARGE)
		request_expect_large_answer(request);
	write_head(request, response, &head);
	put(request, &head);
	if (strcmp(request->method, "HEAD") != 0)
		put(request, &response->body);
	request_trace_end(request, response->status);
	metrics_observe(&metric_requests, (size_t)response->status / 100,
	    timestamp_monotonic() - request->began);
	log_debug("request", "method", request->method, "path", request->path,
	    "key", request->ask.key != NULL ? request->ask.key->id : NULL,
	    "status", log_number(response->status), "ms",
	    log_number(timestamp_monotonic() - request->began), NULL);
	gate_leave(request, response->status, response->replayed);
	buffer_free(&head);
	buffer_free(&response->body);
	request_end(request);
}
