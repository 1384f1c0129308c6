/* SPDX-License-Identifier: MIT */
/* POST /api/emails/{id}/cancel and .../retry, PATCH /api/emails/{id}. */
#include <string.h>

#include "api.h"
#include "change.h"
#include "handle.h"
#include "json_body.h"
#include "problem.h"
#include "request.h"
#include "response.h"
#include "times.h"

/* true: it was answered. */
static bool
refuse_bad_id(struct request *request)
{
	if (id_is_valid(request->id, strlen(request->id)))
		return false;
	problem_send(request, PROBLEM_NOT_FOUND, "There is no job of this id",
	    NULL);
	return true;
}

/* In Resend's shape, with what became of it. */
static void
answer(struct request *request, const struct change *change,
    const char *message)
{
	struct response response = { .status = 200 };

	buffer_add_text(&response.body, "{\"object\":\"email\",\"id\":");
	buffer_add_json_text(&response.body, request->id);
	buffer_add_text(&response.body, ",\"status\":");
	buffer_add_json_text(&response.body, change->status);
	buffer_add_text(&response.body, ",\"message\":");
	buffer_add_json_text(&response.body, message);
	buffer_add_text(&response.body, "}");
	response_send(request, &response);
}

/* true: the body is read. false: it was answered. */
static bool
take_times(struct request *request, bool schedules, struct times *times)
{
	struct faults faults = { 0 };

	if (!json_body_take(request))
		return false;
	if (times_read(times, request->body, request->body_len, schedules,
		&faults) == 0)
		return true;
	problem_send_faults(request, &faults);
	return false;
}

/* -- cancel ---------------------------------------------------------------- */

static void
cancelled(struct request *request, const struct change *change)
{
	answer(request, change,
	    "Cancelled: no worker had it, and none sends it from now on");
}

void
handle_email_cancel(struct request *request)
{
	struct store_call script;

	if (refuse_bad_id(request))
		return;
	store_call_begin(&script, STORE_CANCEL);
	store_call_text(&script, request->id);
	store_call_number(&script, request->api->config->job_ttl);
	change_send(request, &script, cancelled);
}

/* -- retry ----------------------------------------------------------------- */

static void
retried(struct request *request, const struct change *change)
{
	answer(request, change, "It is tried again");
}

void
handle_email_retry(struct request *request)
{
	struct store_call script;
	char word[ID_MAX + 1];
	struct times times;

	if (refuse_bad_id(request) || !take_times(request, false, &times))
		return;
	id_new(word);
	store_call_begin(&script, STORE_RETRY);
	store_call_text(&script, request->id);
	store_call_number(&script, request->api->config->failed_ttl);
	store_call_text(&script, word);
	store_call_number(&script, times.expires_at);
	change_send(request, &script, retried);
}

/* -- reschedule ------------------------------------------------------------ */

static void
rescheduled(struct request *request, const struct change *change)
{
	answer(request, change, "It is sent at the new time");
}

void
handle_email_reschedule(struct request *request)
{
	struct store_call script;
	struct times times;

	if (refuse_bad_id(request) || !take_times(request, true, &times))
		return;
	store_call_begin(&script, STORE_RESCHEDULE);
	store_call_text(&script, request->id);
	store_call_number(&script, request->api->config->failed_ttl);
	store_call_number(&script, times.scheduled_at);
	store_call_number(&script, times.expires_at);
	change_send(request, &script, rescheduled);
}
