/* SPDX-License-Identifier: MIT */
/* Every path of the API is a row here; 404 and 405 follow from the rows. */
#include "dispatch.h"

#include <stdbool.h>
#include <string.h>

#include "api.h"
#include "foreign.h"
#include "gate.h"
#include "handle.h"
#include "header_check.h"
#include "problem.h"
#include "request.h"
#include "request_trace.h"
#include "route.h"

static const struct route routes[] = {
	{ "POST", "/api/emails", handle_email_submit, ACCESS_SEND },
	{ "POST", "/api/emails/batch", handle_batch_submit, ACCESS_SEND },
	{ "GET", "/api/emails", handle_email_list, ACCESS_READ },
	{ "POST", "/api/emails/redrive", handle_redrive, ACCESS_ADMIN },
	{ "GET", "/api/emails/redrive/{id}", handle_redrive_show, ACCESS_READ },
	{ "POST", "/api/emails/redrive/{id}/cancel", handle_redrive_cancel,
	    ACCESS_ADMIN },
	{ "GET", "/api/emails/{id}", handle_email_show, ACCESS_READ },
	{ "GET", "/api/emails/{id}/why", handle_email_why, ACCESS_READ },
	{ "PATCH", "/api/emails/{id}", handle_email_reschedule, ACCESS_SEND },
	{ "POST", "/api/emails/{id}/cancel", handle_email_cancel, ACCESS_SEND },
	{ "POST", "/api/emails/{id}/retry", handle_email_retry, ACCESS_ADMIN },
	{ "GET", "/api/jobs/history", handle_history, ACCESS_READ },
	{ "GET", "/api/stats", handle_stats, ACCESS_READ },
	{ "GET", "/api/queue", handle_queue_show, ACCESS_READ },
	{ "POST", "/api/queue/pause", handle_queue_pause, ACCESS_ADMIN },
	{ "POST", "/api/queue/resume", handle_queue_resume, ACCESS_ADMIN },
	{ "GET", "/api/suppressions", handle_suppression_list, ACCESS_READ },
	{ "POST", "/api/suppressions", handle_suppression_add, ACCESS_SEND },
	{ "DELETE", "/api/suppressions", handle_suppression_remove,
	    ACCESS_ADMIN },
	{ "POST", "/api/tickets", handle_ticket, ACCESS_READ },
	{ "GET", "/api/openapi.yaml", handle_openapi, ACCESS_KEY },
	{ "GET", "/health", handle_health, ACCESS_OPEN },
	{ "GET", "/ready", handle_ready, ACCESS_OPEN },
	{ "GET", "/metrics", handle_metrics, ACCESS_METRICS },
};

/*
 * true: it was answered. Before anything else: whose request it is, or which
 * one it repeats, is not known.
 */
static bool
refuse_ambiguous(struct request *request)
{
	struct faults faults = { 0 };

	header_check(request->fcgi.envp, &faults);
	if (faults.count == 0)
		return false;
	problem_send_faults(request, &faults);
	return true;
}

static void
answer_wrong_method(struct request *request, const char *allow)
{
	struct buffer message = { 0 };
	struct problem_extra extra = { .allow = allow };

	buffer_printf(&message, "This path takes %s", allow);
	problem_send(request, PROBLEM_METHOD, message.data, &extra);
	buffer_free(&message);
}

static void
answer_no_path(struct request *request)
{
	const char *fault = foreign_path_fault(request->path);

	problem_send(request, PROBLEM_NOT_FOUND,
	    fault != NULL ? fault : "There is nothing at this path", NULL);
}

/* Its key is good, or it needs none. */
static void
go_on(struct request *request)
{
	struct route_match *match = &request->match;

	switch (request->found) {
	case ROUTE_FOUND:
		if (foreign_path_fault(request->path) != NULL) {
			answer_no_path(request); /* no id is so called */
			break;
		}
		if (match->id_len > ID_MAX)
			match->id_len = 0; /* no id is so long */
		memcpy(request->id, match->id, match->id_len);
		request->id[match->id_len] = '\0';
		match->route->handle(request);
		break;
	case ROUTE_NO_PATH:
		answer_no_path(request);
		break;
	case ROUTE_NO_METHOD:
		answer_wrong_method(request, match->allow);
		break;
	}
}

static bool
is_open(const struct request *request, const struct route *route)
{
	return route->access == ACCESS_OPEN ||
	    (route->access == ACCESS_METRICS &&
		request->api->config->metrics_public);
}

/* Without a key nobody learns what there is: 404 and 405 need one, too. */
static void
enter(struct request *request)
{
	const struct route *route =
	    request->found == ROUTE_FOUND ? request->match.route : NULL;

	if (route != NULL && is_open(request, route))
		go_on(request);
	else
		gate_enter(request,
		    route != NULL ? route_scopes(route->access) : 0, go_on);
}

void
dispatch_trace(void)
{
	request_trace_open(routes, sizeof(routes) / sizeof(routes[0]));
}

void
dispatch(struct request *request)
{
	request_begin(request);
	request->found = route_find(routes, sizeof(routes) / sizeof(routes[0]),
	    request->method, request->path, &request->match);
	request_trace_begin(request);
	if (refuse_ambiguous(request))
		return;
	enter(request);
}
