/* SPDX-License-Identifier: MIT */
/* Every path of the API is a row here; 404 and 405 follow from the rows. */
#include "dispatch.h"

#include <stdbool.h>
#include <string.h>

#include "api.h"
#include "auth.h"
#include "handle.h"
#include "header_check.h"
#include "problem.h"
#include "request.h"
#include "route.h"

static const struct route routes[] = {
	{ "POST", "/api/emails", handle_email_submit },
	{ "GET", "/api/emails", handle_email_list },
	{ "GET", "/api/emails/{id}", handle_email_show },
	{ "PATCH", "/api/emails/{id}", handle_email_reschedule },
	{ "POST", "/api/emails/{id}/cancel", handle_email_cancel },
	{ "POST", "/api/emails/{id}/retry", handle_email_retry },
	{ "GET", "/api/jobs/history", handle_history },
	{ "GET", "/api/stats", handle_stats },
	{ "GET", "/api/queue", handle_queue_show },
	{ "POST", "/api/queue/pause", handle_queue_pause },
	{ "POST", "/api/queue/resume", handle_queue_resume },
	{ "GET", "/health", handle_health },
	{ "GET", "/ready", handle_ready },
};

static bool
needs_key(const char *path)
{
	return strncmp(path, "/api", 4) == 0 &&
	    (path[4] == '/' || path[4] == '\0');
}

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

/* true: it was answered. */
static bool
refuse_stranger(struct request *request)
{
	if (!needs_key(request->path))
		return false;
	switch (auth_check(request->api->config,
	    request_param(request, "HTTP_AUTHORIZATION"))) {
	case AUTH_GRANTED:
		return false;
	case AUTH_MISSING:
		problem_send(request, PROBLEM_MISSING_KEY,
		    "An API key is needed: Authorization: Bearer KEY", NULL);
		break;
	case AUTH_INVALID:
		problem_send(request, PROBLEM_INVALID_KEY,
		    "This API key is not known", NULL);
		break;
	}
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

void
dispatch(struct request *request)
{
	struct route_match match;

	request_begin(request);
	if (refuse_ambiguous(request) || refuse_stranger(request))
		return;
	switch (route_find(routes, sizeof(routes) / sizeof(routes[0]),
	    request->method, request->path, &match)) {
	case ROUTE_FOUND:
		if (match.id_len > ID_MAX)
			match.id_len = 0; /* no id is so long */
		memcpy(request->id, match.id, match.id_len);
		request->id[match.id_len] = '\0';
		match.route->handle(request);
		break;
	case ROUTE_NO_PATH:
		problem_send(request, PROBLEM_NOT_FOUND,
		    "There is nothing at this path", NULL);
		break;
	case ROUTE_NO_METHOD:
		answer_wrong_method(request, match.allow);
		break;
	}
}
