/* SPDX-License-Identifier: MIT */
/* POST /api/emails/redrive, GET .../redrive/{id}, POST .../{id}/cancel. */
#include <string.h>

#include "api.h"
#include "handle.h"
#include "json_body.h"
#include "problem.h"
#include "read.h"
#include "redrive.h"
#include "request.h"
#include "response.h"

#define LOOK_MAX 5000 /* jobs looked at to count them: some 20 ms of Redis */

static void
answer(struct request *request, const redisReply *reply)
{
	struct response response = { .status = 200 };

	if (reply->type != REDIS_REPLY_ARRAY) {
		problem_send(request, PROBLEM_NOT_FOUND,
		    "There is no redrive of this id", NULL);
		return;
	}
	redrive_write(&response.body, request->id, reply);
	response_send(request, &response);
}

static void
ask(struct request *request, const char *what)
{
	struct store_call script;

	store_call_begin(&script, STORE_REDRIVE);
	store_call_text(&script, what);
	store_call_text(&script, request->id);
	read_send(request, &script, answer);
}

void
handle_redrive_show(struct request *request)
{
	ask(request, "show");
}

void
handle_redrive_cancel(struct request *request)
{
	ask(request, "cancel");
}

void
handle_redrive(struct request *request)
{
	struct faults faults = { 0 };
	struct store_call script;
	struct redrive redrive;

	if (!json_body_take(request))
		return;
	if (redrive_read(&redrive, request->body, request->body_len, &faults) ==
	    -1) {
		problem_send_faults(request, &faults);
		return;
	}
	id_new(request->id);
	store_call_begin(&script, STORE_REDRIVE);
	store_call_text(&script, "begin");
	store_call_text(&script, request->id);
	store_call_text(&script, job_status_names[redrive.status]);
	store_call_text(&script, redrive.reason);
	store_call_number(&script, redrive.since);
	store_call_number(&script, redrive.until);
	store_call_text(&script, redrive.domain);
	store_call_number(&script, redrive.rate);
	store_call_number(&script, redrive.dry_run);
	store_call_number(&script, LOOK_MAX);
	read_send(request, &script, answer);
}
