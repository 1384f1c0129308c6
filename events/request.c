/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <string.h>

#include "answer.h"
#include "client.h"
#include "events.h"
#include "events_metrics.h"
#include "health.h"
#include "http_head.h"
#include "origin.h"
#include "upgrade.h"
#include "websocket.h"

/* -- what it wants ---------------------------------------------------------- */

/* `status=failed,completed`: 0, or -1 when one is none. */
static int
read_statuses(struct filter *filter, const char *list)
{
	enum job_status status;
	size_t len;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		status = job_status_find(list, len);
		if (status == JOB_STATUS__MAX)
			return -1;
		filter->statuses |= 1U << status;
		if (list[len] == '\0')
			return 0;
	}
}

static int
read_after(struct client *client, const char *text, size_t len)
{
	if (position_parse(&client->after, text, len) == -1)
		return -1;
	client->claims_after = true;
	return 0;
}

/*
 * The parameters, and the header that a browser sends when it connects anew: it
 * is newer than the URL. The name of what is wrong, or NULL.
 */
static const char *
read_wishes(struct client *client, const struct http_head *head)
{
	const size_t max = (size_t)client->events->config->max_subscriptions;
	const struct http_text *last = http_head_find(head, "Last-Event-ID");
	struct buffer value = { 0 };
	const char *wrong = NULL;
	size_t at;

	for (at = 0; http_head_query(head, "job_id", &at, &value);)
		if (!id_is_valid(value.data, value.len) ||
		    filter_add_job(&client->filter, value.data, max) == -1)
			wrong = "job_id";
	for (at = 0; http_head_query(head, "status", &at, &value);)
		if (strlen(value.data) != value.len ||
		    read_statuses(&client->filter, value.data) == -1)
			wrong = "status";
	for (at = 0; http_head_query(head, "last_event_id", &at, &value);)
		if (read_after(client, value.data, value.len) == -1)
			wrong = "last_event_id";
	if (last != NULL && last->len > 0 &&
	    read_after(client, last->at, last->len) == -1)
		wrong = "Last-Event-ID";
	buffer_free(&value);
	return wrong;
}

/* -- what it gets ----------------------------------------------------------- */

/* Behind the request there may be the first frames already. */
static void
open_websocket(struct client *client, const struct http_head *head, size_t len)
{
	struct buffer text = { 0 }, early = { 0 };
	struct upgrade upgrade;

	switch (upgrade_read(&upgrade, head)) {
	case UPGRADE_NOT_ASKED:
		answer_problem(client, PROBLEM_UPGRADE, NULL);
		return;
	case UPGRADE_WRONG:
		answer_problem(client, PROBLEM_WRONG, "Sec-WebSocket-Key");
		return;
	case UPGRADE_OK:
		break;
	}
	buffer_add(&early, client->head.data + len, client->head.len - len);
	upgrade_answer(&upgrade, &text);
	client_send(client, chunk_of(text.data, text.len));
	client->websocket = websocket_new(client, upgrade.deflates);
	client_follow(client);
	if (early.len > 0)
		websocket_read(client->websocket, early.data, early.len);
	buffer_free(&text);
	buffer_free(&early);
}

static void
open_stream(struct client *client, const struct http_head *head)
{
	const struct http_text *origin = http_head_find(head, "Origin");
	struct buffer text = { 0 };

	buffer_add_text(&text,
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/event-stream\r\n"
	    "Cache-Control: no-store\r\n"
	    "Connection: close\r\n");
	if (origin != NULL) { /* it was allowed: CORS says so to the browser */
		buffer_add_text(&text, "Access-Control-Allow-Origin: ");
		buffer_add(&text, origin->at, origin->len);
		buffer_add_text(&text, "\r\nVary: Origin\r\n");
	}
	buffer_add_text(&text, "\r\n");
	client_send(client, chunk_of(text.data, text.len));
	client_follow(client);
	buffer_free(&text);
}

/* The same bytes were parsed before. */
void
request_admitted(struct client *client)
{
	struct http_head head;
	const ssize_t len =
	    http_head_parse(&head, client->head.data, client->head.len);
	const char *wrong = read_wishes(client, &head);

	if (wrong != NULL)
		answer_problem(client, PROBLEM_WRONG, wrong);
	else if (http_text_is(&head.path, "/ws"))
		open_websocket(client, &head, (size_t)len);
	else
		open_stream(client, &head);
}

static void
open_events(struct client *client, const struct http_head *head)
{
	if (origin_is_allowed(client->events->config->allowed_origins,
		http_head_find(head, "Origin"), http_head_find(head, "Host")))
		admission_ask(client, head);
	else
		answer_problem(client, PROBLEM_ORIGIN, NULL);
}

static void
tell_health(struct client *client, bool is_ready_asked)
{
	struct buffer body = { 0 };
	unsigned status = 200;

	if (!is_ready_asked)
		health_write(client->events, &body);
	else if (!health_ready(client->events, &body))
		status = 503;
	answer_json(client, status, &body);
	buffer_free(&body);
}

static void
tell_metrics(struct client *client)
{
	struct buffer body = { 0 };

	events_metrics_write(client->events, &body);
	answer_metrics(client, &body);
	buffer_free(&body);
}

void
request_read(struct client *client)
{
	struct http_head head;
	const ssize_t len =
	    http_head_parse(&head, client->head.data, client->head.len);

	if (len == 0)
		return;
	if (len == -1)
		answer_problem(client, PROBLEM_WRONG, NULL);
	else if (!http_text_is(&head.method, "GET"))
		answer_problem(client, PROBLEM_METHOD, NULL);
	else if (http_text_is(&head.path, "/ws") ||
	    http_text_is(&head.path, "/api/events"))
		open_events(client, &head);
	else if (http_text_is(&head.path, "/health") ||
	    http_text_is(&head.path, "/ready"))
		tell_health(client, http_text_is(&head.path, "/ready"));
	else if (http_text_is(&head.path, "/metrics"))
		tell_metrics(client);
	else
		answer_problem(client, PROBLEM_PATH, NULL);
}

void
request_refuse(struct client *client)
{
	answer_problem(client, PROBLEM_FULL, NULL);
}
