/* SPDX-License-Identifier: MIT */
/* POST /api/emails/batch: a list of mails, kept together or not at all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "batch_key.h"
#include "gate.h"
#include "handle.h"
#include "id.h"
#include "json_body.h"
#include "json_scan.h"
#include "literal.h"
#include "problem.h"
#include "request.h"
#include "request_trace.h"
#include "response.h"
#include "submission.h"
#include "submit.h"
#include "timestamp.h"

#define ITEM_SIZE 64 /* bytes of the answer for a mail, about */

/* What the request becomes; `faults` are those of a strict one. */
struct batch {
	struct request *request;
	struct job *jobs;
	size_t len;
	struct faults faults;
	struct lint lint;
	struct batch_key key;
	bool has_key;
};

/* -- the answer ------------------------------------------------------------ */

static void
add_list(struct buffer *body, const char *name, const struct buffer *items)
{
	buffer_printf(body, ",\"%s\":[", name);
	buffer_add(body, items->data, items->len);
	buffer_add_text(body, "]");
}

static void
answer(struct request *request, int status, bool replayed, size_t len)
{
	struct response response = { .status = status, .replayed = replayed };
	struct buffer *body = &response.body;
	size_t i;

	buffer_reserve(body, ITEM_SIZE * (len + 1));
	buffer_add_text(body, "{\"data\":[");
	for (i = 0; i < len; i++) {
		buffer_add_text(body, i > 0 ? ",{\"id\":\"" : "{\"id\":\"");
		buffer_add_text(body, request->mails[i].id);
		buffer_add_text(body, "\"}");
	}
	buffer_add_text(body, "]");
	if (request->permissive)
		add_list(body, "errors", &request->errors);
	if (request->commit.suppressed.len > 0)
		add_list(body, "suppressed", &request->commit.suppressed);
	if (request->warnings.len > 0)
		add_list(body, "warnings", &request->warnings);
	buffer_add_text(body, "}");
	response_send(request, &response);
}

static void
answer_accepted(struct request *request, int status, bool replayed)
{
	answer(request, status, replayed, request->commit.len);
}

static void
submitted(struct commit_job *one, enum commit_result result)
{
	struct request *request =
	    (void *)((char *)one - offsetof(struct request, commit));

	submit_answer(request, result, answer_accepted);
}

/* -- reading --------------------------------------------------------------- */

/* A permissive batch goes on without this mail. */
static void
note_error(struct request *request, size_t index, const struct faults *faults)
{
	struct buffer message = { 0 };

	faults_message(faults, &message);
	buffer_printf(&request->errors,
	    "%s{\"index\":%zu,\"message\":", request->errors.len > 0 ? "," : "",
	    index);
	buffer_add_json(&request->errors, message.data, message.len);
	buffer_add_text(&request->errors, "}");
	buffer_free(&message);
}

static void
read_mail(struct batch *batch, size_t index, const struct json_value *mail)
{
	struct request *request = batch->request;
	struct faults own = { .whole = "The mail" };
	struct faults *faults = request->permissive ? &own : &batch->faults;
	struct job *job = &batch->jobs[batch->len];
	bool fine;

	job->created_at = timestamp_now();
	job->lane = LANE_BULK; /* unless it says another */
	(void)snprintf(batch->lint.warnings.within, FAULTS_WITHIN_SIZE, "[%zu]",
	    index);
	memcpy(batch->faults.within, batch->lint.warnings.within,
	    FAULTS_WITHIN_SIZE);
	fine = submission_read_value(job, mail, faults, &batch->lint) == 0;
	if (fine) {
		id_new(job->id);
		batch->len++;
	} else {
		job_clear(job);
		if (request->permissive)
			note_error(request, index, faults);
	}
	if (batch->has_key)
		batch_key_add(&batch->key, mail, fine ? job->id : NULL);
	faults_free(&own);
}

static void
read_mails(struct batch *batch)
{
	const struct request *request = batch->request;
	const struct json_value list =
	    json_value_of(request->body, request->body_len);
	struct json_walk walk = json_walk_begin(&list);
	struct json_value key, mail;
	size_t i;

	batch->jobs = calloc(json_value_count(&list), sizeof(*batch->jobs));
	if (batch->jobs == NULL)
		abort();
	for (i = 0; json_walk_next(&walk, &key, &mail); i++)
		read_mail(batch, i, &mail);
	if (batch->has_key)
		batch_key_end(&batch->key);
}

/* How many mails there are; 0: what is wrong with the whole is in `faults`. */
static size_t
count_mails(const struct request *request, struct faults *faults)
{
	struct json_fault fault;
	struct json_value list;
	size_t count;

	if (request->body_len == 0) {
		faults_add(faults, "", "is empty: a list is needed");
		return 0;
	}
	if (json_scan(request->body, request->body_len, &fault) == -1) {
		faults_add(faults, "", "is not valid JSON: %s at byte %zu",
		    fault.what, fault.at);
		return 0;
	}
	list = json_value_of(request->body, request->body_len);
	if (list.kind != JSON_LIST) {
		faults_add(faults, "", "must be a list, not %s",
		    json_kind_names[list.kind]);
		return 0;
	}
	count = json_value_count(&list);
	if (count >= 1 && count <= COMMIT_MAILS_MAX)
		return count;
	faults_add(faults, "",
	    "has %zu mails; 1 to " LITERAL(COMMIT_MAILS_MAX) " are allowed",
	    count);
	return 0;
}

/* false: it was answered. */
static bool
take_validation(struct request *request)
{
	const char *word = request_header(request, "HTTP_X_BATCH_VALIDATION");
	struct faults faults = { 0 };

	request->permissive = word != NULL && strcmp(word, "permissive") == 0;
	if (word == NULL || request->permissive || strcmp(word, "strict") == 0)
		return true;
	faults_add(&faults, "x-batch-validation",
	    "must be strict or permissive");
	problem_send_faults(request, &faults);
	return false;
}

static void
send(struct batch *batch)
{
	struct request *request = batch->request;
	struct commit_batch all = { .jobs = batch->jobs,
		.len = batch->len,
		.span = request->span,
		.key = batch->has_key ? &batch->key : NULL };
	size_t i;

	request_drop_body(request);
	request->warnings = batch->lint.warnings.details;
	batch->lint.warnings.details = (struct buffer){ 0 };
	if (batch->len == 0) {
		answer(request, 200, false, 0); /* all had faults */
		return;
	}
	request->mails = calloc(batch->len, sizeof(*request->mails));
	if (request->mails == NULL)
		abort();
	all.mails = request->mails;
	for (i = 0; i < batch->len; i++)
		request_trace_mail(request, &batch->jobs[i],
		    &request->mails[i]);
	span_number(request->span, "postrider.batch.mails",
	    (int64_t)batch->len);
	request->commit.done = submitted;
	commit_send_batch(request->api->commit, &request->commit, &all,
	    request_deadline(request));
}

/* false: it was answered. */
static bool
may_send(const struct batch *batch)
{
	size_t i;

	for (i = 0; i < batch->len; i++)
		if (!gate_allows_from(batch->request,
			batch->jobs[i].from.address))
			return false;
	return true;
}

static void
submit(struct request *request)
{
	struct batch batch = { .request = request,
		.lint.signing = request->api->signing };
	const char *key = request_header(request, "HTTP_IDEMPOTENCY_KEY");

	batch.has_key = key != NULL;
	if (batch.has_key)
		batch_key_begin(&batch.key, gate_key_id(request), key);
	read_mails(&batch);
	if (batch.faults.count > 0)
		problem_send_faults(request, &batch.faults);
	else if (may_send(&batch))
		send(&batch);
	while (batch.len > 0)
		job_clear(&batch.jobs[--batch.len]);
	free(batch.jobs);
	faults_free(&batch.faults);
	faults_free(&batch.lint.warnings);
	batch_key_free(&batch.key);
}

void
handle_batch_submit(struct request *request)
{
	struct faults faults = { 0 };
	const char *key;
	size_t mails;

	if (!submit_take_key(request, &key) || !take_validation(request) ||
	    !json_body_take(request))
		return;
	mails = count_mails(request, &faults);
	if (mails > 0)
		gate_take_mails(request, (int64_t)mails, submit);
	else
		problem_send_faults(request, &faults);
}
