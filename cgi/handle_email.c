/* SPDX-License-Identifier: MIT */
/* POST /api/emails, GET /api/emails/{id} and .../why. */
#include <string.h>

#include "api.h"
#include "gate.h"
#include "handle.h"
#include "job_record.h"
#include "job_view.h"
#include "json_body.h"
#include "log.h"
#include "problem.h"
#include "read.h"
#include "request.h"
#include "request_trace.h"
#include "response.h"
#include "store.h"
#include "submission.h"
#include "submit.h"
#include "timestamp.h"
#include "why.h"

#define ANSWER_SIZE 256 /* bytes: room for two ids */

/* -- submit ---------------------------------------------------------------- */

static struct request *
request_of_commit(struct commit_job *one)
{
	return (void *)((char *)one - offsetof(struct request, commit));
}

static enum job_status
status_of(const struct request *request)
{
	if (request->commit.failed)
		return JOB_FAILED;
	return request->scheduled ? JOB_SCHEDULED : JOB_QUEUED;
}

static void
answer_accepted(struct request *request, int status, bool replayed)
{
	struct response response = { .status = status, .replayed = replayed };

	buffer_reserve(&response.body, ANSWER_SIZE);
	buffer_add_text(&response.body,
	    "{\"message\":\"Email job submitted successfully\","
	    "\"job_id\":\"");
	buffer_add_text(&response.body, request->commit.id);
	buffer_add_text(&response.body, "\",\"id\":\"");
	buffer_add_text(&response.body, request->commit.id);
	buffer_add_text(&response.body, "\",\"status\":\"");
	buffer_add_text(&response.body, job_status_names[status_of(request)]);
	buffer_add_text(&response.body, "\"");
	if (request->commit.suppressed.len > 0) {
		buffer_add_text(&response.body, ",\"suppressed\":");
		buffer_add(&response.body, request->commit.suppressed.data,
		    request->commit.suppressed.len);
	}
	if (request->warnings.len > 0) {
		buffer_add_text(&response.body, ",\"warnings\":[");
		buffer_add(&response.body, request->warnings.data,
		    request->warnings.len);
		buffer_add_text(&response.body, "]");
	}
	buffer_add_text(&response.body, "}");
	response_send(request, &response);
}

static void
submitted(struct commit_job *one, enum commit_result result)
{
	struct request *request = request_of_commit(one);

	submit_answer(request, result, answer_accepted);
}

static void
submit(struct request *request)
{
	struct idempotency idem;
	struct lint lint = { .signing = request->api->signing };
	struct faults faults = { 0 };
	struct job job = { .created_at = timestamp_now() };
	const char *key;

	if (!submit_take_key(request, &key))
		return;
	if (!json_body_take(request))
		return;
	if (submission_read(&job, request->body, request->body_len, &faults,
		&lint) == -1) {
		problem_send_faults(request, &faults);
	} else if (gate_allows_from(request, job.from.address)) {
		if (request->ask.key != NULL)
			job.key_id = request->ask.key->id;
		if (key != NULL)
			idempotency_read(&idem, gate_key_id(request), key,
			    request->body, request->body_len);
		request_drop_body(request);
		request->warnings = lint.warnings.details;
		lint.warnings.details = (struct buffer){ 0 };
		request->scheduled = job.scheduled_at != 0;
		id_new(job.id);
		request_trace_mail(request, &job, &request->commit.one);
		span_text(request->span, "postrider.job_id",
		    request->commit.id);
		request->commit.done = submitted;
		commit_send(request->api->commit, &request->commit, &job,
		    key != NULL ? &idem : NULL, request_deadline(request));
	}
	faults_free(&lint.warnings);
	job_clear(&job);
}

void
handle_email_submit(struct request *request)
{
	gate_take_mails(request, 1, submit);
}

/* -- show ------------------------------------------------------------------ */

static void
answer_unknown_id(struct request *request)
{
	problem_send(request, PROBLEM_NOT_FOUND, "There is no job of this id",
	    NULL);
}

/* A job of the record; its body is empty while none was found. */
static void
write_row(void *arg, const struct record_column *columns)
{
	struct snapshot job;

	job_record_read(&job, columns);
	job_view_write(arg, &job);
}

static void
write_why_of_row(void *arg, const struct record_column *columns)
{
	const struct why_extra none = { 0 };
	struct snapshot job;

	job_record_read(&job, columns);
	why_write(arg, &job, &none);
}

/* Redis has forgotten it, or never knew it. */
static void
show_recorded(struct record_read *read, struct record *record)
{
	struct request *request =
	    (void *)((char *)read - offsetof(struct request, read));
	struct response response = { .status = 200 };
	struct record_call call;

	record_call_begin(&call,
	    "SELECT " JOB_RECORD_COLUMNS " FROM job WHERE id = $1");
	record_call_text(&call, request->id, strlen(request->id));
	if (record == NULL ||
	    record_query(record, &call,
		request->asks_why ? write_why_of_row : write_row,
		&response.body) == -1)
		problem_send(request, PROBLEM_UNAVAILABLE,
		    "Redis does not have this job, and the record "
		    "(DATABASE_URL) is away",
		    NULL);
	else if (response.body.len > 0)
		response_send(request, &response);
	else
		answer_unknown_id(request);
}

static void
answer_job(struct request *request, const redisReply *reply)
{
	struct response response = { .status = 200 };
	struct snapshot job = { 0 };
	struct why_extra extra;

	if (reply->type == REDIS_REPLY_NIL && request->api->record != NULL) {
		request->read.run = show_recorded;
		record_reader_send(request->api->record, &request->read);
	} else if (reply->type == REDIS_REPLY_NIL) {
		answer_unknown_id(request);
	} else if (snapshot_read(&job, reply) == 0) {
		if (request->asks_why) {
			why_read_extra(&extra, reply);
			why_write(&response.body, &job, &extra);
		} else {
			job_view_write(&response.body, &job);
		}
		response_send(request, &response);
	} else {
		log_error("a job is not in its shape", "id", request->id, NULL);
		problem_send(request, PROBLEM_INTERNAL,
		    "The job cannot be shown; the log tells why", NULL);
	}
	snapshot_free(&job);
}

static void
show(struct request *request, bool why)
{
	struct store_call script;

	if (!id_is_valid(request->id, strlen(request->id))) {
		answer_unknown_id(request);
		return;
	}
	request->asks_why = why;
	store_call_begin(&script, STORE_SHOW);
	store_call_text(&script, request->id);
	store_call_number(&script, request->api->config->job_ttl);
	read_send(request, &script, answer_job);
}

void
handle_email_show(struct request *request)
{
	show(request, false);
}

void
handle_email_why(struct request *request)
{
	show(request, true);
}
