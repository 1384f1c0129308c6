/* SPDX-License-Identifier: MIT */
/* What can be wrong with a body before it is looked into. */
#include "json_body.h"

#include <string.h>
#include <strings.h>

#include "faults.h"
#include "problem.h"
#include "request.h"

/* RFC 9110 8.3: parameters (charset) may follow. Absent is fine. */
static bool
is_json(const char *content_type)
{
	static const char json[] = "application/json";
	size_t len;

	if (content_type == NULL)
		return true;
	len = strcspn(content_type, "; \t");
	return len == strlen(json) && strncasecmp(content_type, json, len) == 0;
}

bool
json_body_take(struct request *request)
{
	struct faults faults = { 0 };

	if (!is_json(request_param(request, "CONTENT_TYPE"))) {
		problem_send(request, PROBLEM_MEDIA_TYPE,
		    "Content-Type must be application/json", NULL);
		return false;
	}
	switch (request_read_body(request)) {
	case REQUEST_BODY_READ:
		return true;
	case REQUEST_BODY_NO_LENGTH:
		faults_add(&faults, "",
		    "has a Content-Length that is not a number");
		problem_send_faults(request, &faults);
		break;
	case REQUEST_BODY_BAD_LENGTH:
		faults_add(&faults, "",
		    "does not have as many bytes as Content-Length says");
		problem_send_faults(request, &faults);
		break;
	case REQUEST_BODY_TOO_LARGE:
		problem_send(request, PROBLEM_TOO_LARGE,
		    "The request is larger than MAX_REQUEST_KB allows", NULL);
		break;
	case REQUEST_BODY_CUT:
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "The web server did not bring the whole request", NULL);
		break;
	case REQUEST_BODY_NO_ROOM:
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "Too many large requests are in hand", NULL);
		break;
	}
	return false;
}
