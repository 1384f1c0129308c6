/* SPDX-License-Identifier: MIT */
/* From a journal's entry to the script that settles its claim. */
#include "rescue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "journal.h"
#include "log.h"
#include "republish.h"
#include "settlement.h"
#include "store_client.h"
#include "worker.h"

struct rescue {
	struct worker *worker;
	char id[ID_MAX + 1];
	void (*done)(void *arg, enum rescue_result);
	void *arg;
};

static enum rescue_result
note_settled(struct rescue *rescue, const redisReply *reply)
{
	struct store_settle_reply settled;
	struct hint_parts parts = { .id = rescue->id };

	if (store_settle_read(&settled, reply) == -1) {
		log_error("a recovery was refused", "id", rescue->id, "why",
		    reply->str, NULL);
		return RESCUE_NOTHING;
	}
	if (settled.answer == STORE_SETTLE_LOST)
		return RESCUE_NOTHING;
	rescue->worker->late += settled.answer == STORE_SETTLE_LATE;
	log_info("recovered", "id", rescue->id, "status", settled.status, NULL);
	parts.next_at = settled.next_at;
	parts.lane = settled.lane;
	if (settled.answer == STORE_SETTLED && settled.next_at > 0)
		republish_hint(rescue->worker, &parts);
	return RESCUE_SETTLED;
}

static void
on_settled(void *arg, const redisReply *reply)
{
	struct rescue *rescue = arg;
	enum rescue_result result = RESCUE_ABORTED;

	if (reply != NULL)
		result = note_settled(rescue, reply);
	if (rescue->done != NULL)
		rescue->done(rescue->arg, result);
	free(rescue);
}

/* -- the recipients ----------------------------------------------------------- */

/* All that the job has: who is not named by D waits. */
static void
read_job(struct job *job, const struct rescue_job *from)
{
	json_object *to =
	    from->to != NULL ? json_tokener_parse(from->to) : NULL;
	json_object *address;
	size_t i,
	    n = json_object_is_type(to, json_type_array) ?
	    json_object_array_length(to) :
	    0;

	for (i = 0; i < n; i++) {
		address = json_object_array_get_idx(to, i);
		/* More than it can have been made with: not ours. */
		(void)job_add_recipient(job, json_object_get_string(address),
		    (size_t)json_object_get_string_len(address));
	}
	json_object_put(to);
	if (from->results != NULL && from->results[0] != '\0')
		/* What is no list of results: all of them wait. */
		(void)job_decode_results(job, from->results,
		    strlen(from->results));
}

/* The recipients that D names. */
static size_t
read_envelope(struct job *named, const char *list,
    struct envelope_recipient *envelope)
{
	const char *p = list, *end;

	for (; p != NULL && *p != '\0'; p = *end == ',' ? end + 1 : end) {
		end = p + strcspn(p, ",");
		if (job_add_recipient(named, p, (size_t)(end - p)) == -1)
			break;
		envelope[named->recipients_len - 1].verdict = VERDICT_ACCEPTED;
		envelope[named->recipients_len - 1].address =
		    named->recipients[named->recipients_len - 1].address;
	}
	return named->recipients_len;
}

static void
mark(struct job *job, const struct rescue_job *from, const struct settlement *s)
{
	struct envelope_recipient envelope[JOB_RECIPIENTS_MAX] = { 0 };
	struct job named = { 0 };
	size_t n;

	read_job(job, from);
	if (from->entry != NULL && s->outcome != OUTCOME_UNKNOWN) {
		n = read_envelope(&named, from->entry->recipients, envelope);
		settlement_mark(job, envelope, n, s);
	}
	job_clear(&named);
}

/* -- the outcome --------------------------------------------------------------- */

static enum outcome
outcome_of(const struct rescue_job *from)
{
	int i;

	if (from->entry == NULL)
		return from->unsent ? OUTCOME_UNSENT : OUTCOME_UNKNOWN;
	for (i = 0; i < OUTCOME__MAX; i++)
		if (strcmp(from->entry->outcome, outcome_names[i]) == 0)
			return (enum outcome)i;
	return OUTCOME_UNKNOWN; /* D without R */
}

static const char *
words(const struct rescue_job *from, enum outcome outcome)
{
	if (from->entry != NULL && from->entry->reply != NULL)
		return from->entry->reply;
	return outcome == OUTCOME_UNSENT ?
	    "Its worker ended before it was sent" :
	    "Its worker ended after the mail was sent and before the reply "
	    "was noted";
}

static void
late_call(struct store_call *call, const struct settlement *s,
    const struct job *job, const struct config *config, struct buffer *results)
{
	job_encode_results(job, results);
	store_call_begin(call, STORE_PROVEN);
	store_call_text(call, job->id);
	store_call_text(call, s->owner);
	store_call_number(call, s->claim_seq);
	store_call_bytes(call, results->data, results->len);
	store_call_number(call, s->code);
	store_call_text(call, s->reply);
	store_call_number(call, config->job_ttl);
	store_call_text(call, "0"); /* the payload is dropped */
	store_call_number(call, job_count(job, RECIPIENT_WAITING) > 0);
}

void
rescue_start(struct worker *worker, const struct rescue_job *from)
{
	struct rescue *rescue = calloc(1, sizeof(*rescue));
	struct settlement s = { .owner = from->owner,
		.claim_seq = from->claim_seq,
		.outcome = outcome_of(from),
		.code = from->entry != NULL ? from->entry->code : 0 };
	struct buffer results = { 0 };
	struct job job = { 0 };
	struct store_call call;

	if (rescue == NULL)
		abort();
	rescue->worker = worker;
	rescue->done = from->done;
	rescue->arg = from->arg;
	snprintf(rescue->id, sizeof(rescue->id), "%s", from->id);
	snprintf(job.id, sizeof(job.id), "%s", from->id);
	s.reply = words(from, s.outcome);
	s.random = id_random();
	mark(&job, from, &s);
	if (from->late)
		late_call(&call, &s, &job, worker->config, &results);
	else
		settlement_call(&call, &s, &job, worker->config, &results);
	store_client_call(worker->store, &call, on_settled, rescue);
	buffer_free(&results);
	job_clear(&job);
}
