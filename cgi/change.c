/* SPDX-License-Identifier: MIT */
/* From the script's reply to the publisher, and why a job was not changed. */
#include "change.h"

#include <stdio.h>
#include <string.h>

#include "api.h"
#include "hint.h"
#include "job_record.h"
#include "log.h"
#include "problem.h"
#include "request.h"

static struct request *
request_of_publish(struct publish *publish)
{
	return (
	    void *)((char *)publish - offsetof(struct request, change.publish));
}

/* -- why it was not changed ------------------------------------------------- */

static void
answer_unknown_id(struct request *request)
{
	problem_send(request, PROBLEM_NOT_FOUND, "There is no job of this id",
	    NULL);
}

static void
answer_status(struct request *request, const char *status)
{
	struct problem_extra extra = { .job_id = request->id,
		.status = status };
	struct buffer message = { 0 };

	if (strcmp(status, job_status_names[JOB_PROCESSING]) == 0)
		buffer_add_text(&message,
		    "A worker is sending this mail now: it is too late");
	else
		buffer_printf(&message, "This mail is %s", status);
	problem_send(request, PROBLEM_STATUS, message.data, &extra);
	buffer_free(&message);
}

static void
answer_refused(struct request *request, const struct store_change_reply *reply)
{
	struct problem_extra extra = { .job_id = request->id,
		.status = reply->status };

	switch (reply->answer) {
	case STORE_CHANGE_REFUSED:
		answer_status(request, reply->status);
		break;
	case STORE_CHANGE_EXPIRED:
		problem_send(request, PROBLEM_EXPIRED,
		    "This mail's expires_at is before that time: give a new "
		    "one",
		    &extra);
		break;
	case STORE_CHANGE_NO_PAYLOAD:
		problem_send(request, PROBLEM_PAYLOAD_LOST,
		    "Nothing is left of this mail that could be sent", &extra);
		break;
	case STORE_CHANGE_MISSING:
		answer_unknown_id(request);
		break;
	case STORE_CHANGED:
	case STORE_CHANGE__MAX:
		break;
	}
}

static void
note_status(void *arg, const struct record_column *columns)
{
	snprintf(arg, sizeof(((struct change *)0)->status), "%s",
	    columns[0].data);
}

/* Redis has forgotten it: it is over, or never was. */
static void
look_in_record(struct record_read *read, struct record *record)
{
	struct request *request =
	    (void *)((char *)read - offsetof(struct request, read));
	char *status = request->change.status;
	struct record_call call;

	status[0] = '\0';
	record_call_begin(&call, "SELECT status FROM job WHERE id = $1");
	record_call_text(&call, request->id, strlen(request->id));
	if (record == NULL ||
	    record_query(record, &call, note_status, status) == -1)
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "Redis does not have this job, and the record "
		    "(DATABASE_URL) is away",
		    NULL);
	else if (status[0] != '\0')
		answer_status(request, status);
	else
		answer_unknown_id(request);
}

/* -- the hint --------------------------------------------------------------- */

static void
published(struct publish *publish, enum publish_result result)
{
	struct request *request = request_of_publish(publish);
	struct change *change = &request->change;

	if (result == PUBLISH_CONFIRMED)
		commit_confirmed(request->api->commit, request->id,
		    change->next_at);
	buffer_free(&change->hint);
	change->done(request, change);
}

static void
publish_hint(struct request *request, const struct store_change_reply *reply)
{
	struct change *change = &request->change;
	const struct hint_parts parts = {
		.id = request->id,
		.next_at = reply->next_at,
		.expires_at = reply->expires_at,
		.payload = reply->payload,
		.payload_len = reply->payload_len,
		.results = reply->results,
		.results_len = reply->results_len,
	};
	char queue[LANE_QUEUE_SIZE];

	memset(&change->hint, 0, sizeof(change->hint));
	hint_encode(&parts, &change->hint);
	lane_queue(queue, reply->lane, request->api->config->queue);
	/* The queue's name was checked with the configuration. */
	(void)ladder_route(&change->route,
	    reply->next_at - reply->at - LADDER_SOONER, queue);
	change->publish = (struct publish){
		.exchange = change->route.exchange,
		.routing_key = change->route.routing_key,
		.message_id = request->id,
		.body = change->hint.data,
		.body_len = change->hint.len,
		.done = published,
	};
	publisher_send(commit_publisher(request->api->commit),
	    &change->publish);
}

/* -- Redis ------------------------------------------------------------------ */

static void
read_reply(struct request *request, const redisReply *reply)
{
	struct change *change = &request->change;
	struct store_change_reply read;

	if (store_change_read(&read, reply) == -1) {
		log_error("redis' answer to a change is not in its shape", "id",
		    request->id, NULL);
		problem_send(request, PROBLEM_INTERNAL,
		    "The job store failed; the log tells why", NULL);
		return;
	}
	snprintf(change->status, sizeof(change->status), "%s", read.status);
	change->next_at = read.next_at;
	if (read.answer == STORE_CHANGE_MISSING &&
	    request->api->record != NULL) {
		request->read.run = look_in_record;
		record_reader_send(request->api->record, &request->read);
	} else if (read.answer != STORE_CHANGED) {
		answer_refused(request, &read);
	} else if (read.next_at > 0) {
		publish_hint(request, &read);
	} else {
		change->done(request, change);
	}
}

static void
replied(struct pipeline_call *call, enum pipeline_result result,
    const redisReply *reply)
{
	struct request *request =
	    (void *)((char *)call - offsetof(struct request, call));
	const struct problem_extra extra = { .job_id = request->id };
	enum store_error error =
	    result == PIPELINE_REPLIED ? store_error_of(reply) : STORE_NO_REPLY;

	if (error == STORE_OK) {
		read_reply(request, reply);
	} else if (result == PIPELINE_NO_REPLY) {
		problem_send(request, PROBLEM_UNKNOWN,
		    "The job store did not answer: it may have been done. Ask "
		    "for the job, or ask for the same again",
		    &extra);
	} else if (error == STORE_REFUSED || result != PIPELINE_REPLIED) {
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "The job store (Redis) is away or cannot write; nothing "
		    "was changed",
		    NULL);
	} else {
		log_error("redis answered a change with an error", "id",
		    request->id, "why", reply->str, NULL);
		problem_send(request, PROBLEM_INTERNAL,
		    "The job store failed; the log tells why", NULL);
	}
}

void
change_send(struct request *request, const struct store_call *script,
    void (*done)(struct request *, const struct change *))
{
	struct pipeline_call *call = &request->call;

	request->change.done = done;
	pipeline_call_set(call, script);
	call->deadline = request_deadline(request);
	call->done = replied;
	pipeline_send(request->api->reads, call);
}
