/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include "client.h"
#include "events.h"
#include "metrics.h"

#define JSON "application/json"

static const struct {
	unsigned status;
	const char *phrase, *name, *message, *header;
} problems[PROBLEM__MAX] = {
	[PROBLEM_WRONG] = { 400, "Bad Request", "validation_error",
	    "It is no request that is taken here", "" },
	[PROBLEM_KEY_IN_URL] = { 400, "Bad Request", "validation_error",
	    "A key does not belong into a URL, which is logged and kept: take "
	    "Authorization: Bearer KEY, or in a browser ?ticket= with a ticket "
	    "of POST /api/tickets. Revoke this key if it is one",
	    "" },
	[PROBLEM_MISSING_KEY] = { 401, "Unauthorized", "missing_api_key",
	    "An API key is needed: Authorization: Bearer KEY, or in a browser "
	    "?ticket= with a ticket of POST /api/tickets",
	    "WWW-Authenticate: Bearer\r\n" },
	[PROBLEM_UNKNOWN_KEY] = { 401, "Unauthorized", "invalid_api_key",
	    "This API key or ticket is not known",
	    "WWW-Authenticate: Bearer\r\n" },
	[PROBLEM_RESTRICTED_KEY] = { 403, "Forbidden", "restricted_api_key",
	    "This API key may not follow events, or not from this address",
	    "" },
	[PROBLEM_ORIGIN] = { 403, "Forbidden", "origin_not_allowed",
	    "Its Origin is not in ALLOWED_ORIGINS", "" },
	[PROBLEM_PATH] = { 404, "Not Found", "not_found",
	    "There is only /ws, /api/events, /health, /ready and /metrics here",
	    "" },
	[PROBLEM_METHOD] = { 405, "Method Not Allowed", "method_not_allowed",
	    "Only GET", "Allow: GET\r\n" },
	[PROBLEM_UPGRADE] = { 426, "Upgrade Required", "upgrade_required",
	    "/ws speaks WebSocket, version 13",
	    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" },
	[PROBLEM_FULL] = { 503, "Service Unavailable", "service_unavailable",
	    "There are MAX_CLIENTS clients", "Retry-After: 5\r\n" },
	[PROBLEM_AWAY] = { 503, "Service Unavailable", "service_unavailable",
	    "The store of API keys (Redis) is away", "Retry-After: 5\r\n" },
};

struct head {
	unsigned status;
	const char *phrase, *type;
	const char *header; /* one more, or "" */
};

static void
answer(struct client *client, const struct head *head,
    const struct buffer *body)
{
	struct buffer text = { 0 };

	buffer_printf(&text,
	    "HTTP/1.1 %u %s\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\nCache-Control: no-store\r\n%s"
	    "Connection: close\r\n\r\n",
	    head->status, head->phrase, head->type, body->len, head->header);
	buffer_add(&text, body->data, body->len);
	client_send(client, chunk_of(text.data, text.len));
	buffer_free(&text);
	client_leave(client);
}

void
answer_problem(struct client *client, enum problem problem, const char *field)
{
	const struct head head = { problems[problem].status,
		problems[problem].phrase, JSON, problems[problem].header };
	struct buffer body = { 0 };

	client->events->clients.refused++;
	buffer_printf(&body,
	    "{\"error\":\"%s\",\"statusCode\":%u,\"name\":\"%s\","
	    "\"message\":\"%s\",\"details\":[",
	    problems[problem].phrase, problems[problem].status,
	    problems[problem].name, problems[problem].message);
	if (field != NULL)
		buffer_printf(&body,
		    "{\"field\":\"%s\",\"message\":\"is not valid\"}", field);
	buffer_add_text(&body, "]}\n");
	answer(client, &head, &body);
	buffer_free(&body);
}

void
answer_json(struct client *client, unsigned status, const struct buffer *body)
{
	const struct head head = { status,
		status == 200 ? "OK" : "Service Unavailable", JSON, "" };

	answer(client, &head, body);
}

void
answer_metrics(struct client *client, const struct buffer *body)
{
	const struct head head = { 200, "OK", METRICS_TYPE, "" };

	answer(client, &head, body);
}
