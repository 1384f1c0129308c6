/* SPDX-License-Identifier: MIT */
/* A table of words, and the attempts as the history tells them. */
#include "why.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "job.h"
#include "timestamp.h"

/* By status, and by reason where there is a row for it. */
static const struct {
	enum job_status status;
	const char *reason; /* NULL: any */
	const char *message, *change;
} words[] = {
	{ JOB_QUEUED, NULL, "It waits for a worker",
	    "A worker that runs, with a relay that takes mail: see the worker's "
	    "/health. It can be cancelled" },
	{ JOB_SCHEDULED, NULL, "It waits for its time, next_at",
	    "PATCH with another scheduled_at moves it; it can be cancelled" },
	{ JOB_PROCESSING, NULL, "A worker has it in hand",
	    "The relay's answer; held_by says who waits for it" },
	{ JOB_RETRYING, "outcome_unknown",
	    "Its last attempt may have been taken: the connection was lost "
	    "after the final dot. It is sent again at next_at",
	    "It can be cancelled; ON_UNKNOWN=hold would leave it to a person" },
	{ JOB_RETRYING, NULL,
	    "The relay did not take it for now; it is tried again at next_at",
	    "What the relay asks for in the last attempt's reply; it can be "
	    "cancelled" },
	{ JOB_COMPLETED, NULL, "The relay has taken it",
	    "Nothing: it is over. What happened behind the relay, the relay's "
	    "log tells" },
	{ JOB_FAILED, "rejected", "The relay refused it for good",
	    "Put right what the last reply says, then retry it" },
	{ JOB_FAILED, "gave_up",
	    "The relay did not take it in all the time of RETRY_FOR",
	    "Put right what the last reply says, then retry it" },
	{ JOB_FAILED, "expired", "Its expires_at came before it was sent",
	    "Retry it with a new expires_at" },
	{ JOB_FAILED, "payload_lost", "Nothing is left of it but its id",
	    "It cannot be retried: send it as a new one" },
	{ JOB_FAILED, "suppressed",
	    "None of its recipients is to be sent to: recipients say why",
	    "Take the suppression back (DELETE /api/suppressions), if it is no "
	    "more so, then retry it" },
	{ JOB_FAILED, NULL, "It could not be sent as it is",
	    "Put right what last_error says, then retry it" },
	{ JOB_CANCELLED, NULL, "It was cancelled",
	    "Nothing: it is over. Send it as a new one" },
	{ JOB_UNKNOWN, "outcome_unknown",
	    "It may have been sent: no answer came after the final dot",
	    "Look for its Message-ID in the relay's log; if it is not there, "
	    "retry it" },
	{ JOB_UNKNOWN, NULL,
	    "It may have been sent: Redis lost sight of it, as reason says",
	    "Look for it in the relay's log; if it is not there, retry it" },
};

void
why_read_extra(struct why_extra *extra, const redisReply *shown)
{
	const redisReply *fields = shown->element[0];
	const char *name, *value;
	size_t i;

	memset(extra, 0, sizeof(*extra));
	for (i = 0; i + 1 < fields->elements; i += 2) {
		name = fields->element[i]->str;
		value = fields->element[i + 1]->str;
		if (name == NULL || value == NULL)
			continue;
		if (strcmp(name, "owner") == 0)
			extra->owner = value;
		else if (strcmp(name, "lease_until") == 0)
			extra->lease_until = strtoll(value, NULL, 10);
		else if (strcmp(name, "give_up_at") == 0)
			extra->give_up_at = strtoll(value, NULL, 10);
		else if (strcmp(name, "expires_at") == 0)
			extra->expires_at = strtoll(value, NULL, 10);
		else if (strcmp(name, "paced") == 0) /* and its limits */
			extra->turn_at = strtoll(value, NULL, 10);
	}
}

/* -- members ---------------------------------------------------------------- */

static void
add_text(struct buffer *out, const char *name, const char *text)
{
	buffer_printf(out, ",\"%s\":", name);
	buffer_add_json_text(out, text);
}

static void
add_time(struct buffer *out, const char *name, int64_t ms)
{
	char text[TIMESTAMP_SIZE];

	timestamp_format(text, ms);
	add_text(out, name, ms > 0 ? text : NULL);
}

/* -- attempts --------------------------------------------------------------- */

static const char *
member(json_object *entry, const char *name)
{
	json_object *value;

	return json_object_object_get_ex(entry, name, &value) ?
	    json_object_get_string(value) :
	    NULL;
}

/* "5.1.1" of "550 5.1.1 no such user" (RFC 3463); the length, or 0. */
static size_t
enhanced_code(const char *reply, const char **code)
{
	const char *at;
	int dots = 0;

	if (reply == NULL || strlen(reply) < 5 || !isdigit(reply[0]) ||
	    !isdigit(reply[1]) || !isdigit(reply[2]) ||
	    (reply[3] != ' ' && reply[3] != '-'))
		return 0;
	*code = reply + 4;
	for (at = *code; isdigit(*at) || *at == '.'; at++)
		dots += *at == '.';
	return dots == 2 && (*at == ' ' || *at == '\0') ? (size_t)(at - *code) :
							  0;
}

static void
add_outcome(struct buffer *out, json_object *ended)
{
	const char *status = member(ended, "status");
	const char *reply = member(ended, "reply");
	const char *phase = member(ended, "phase");
	const char *code = member(ended, "code"), *enhanced;
	size_t len;

	if (reply == NULL)
		reply = member(ended, "error");
	if (reply != NULL && reply[0] == '\0')
		reply = NULL;
	if (phase == NULL && status != NULL && strcmp(status, "completed") == 0)
		phase = "dot";
	add_text(out, "ended_at", member(ended, "timestamp"));
	add_text(out, "outcome", status);
	add_text(out, "phase", phase);
	add_text(out, "relay", member(ended, "relay"));
	buffer_printf(out, ",\"code\":%s",
	    code != NULL && strcmp(code, "0") != 0 ? code : "null");
	buffer_add_text(out, ",\"enhanced_code\":");
	len = enhanced_code(reply, &enhanced);
	if (len > 0)
		buffer_add_json(out, enhanced, len);
	else
		buffer_add_text(out, "null");
	add_text(out, "reply", reply);
	add_text(out, "message", member(ended, "message"));
}

/* Each entry `processing` and the one behind it. */
static void
add_attempts(struct buffer *out, const struct snapshot *job)
{
	const char *text = job->field[SNAPSHOT_HISTORY].data;
	json_object *history = text != NULL ? json_tokener_parse(text) : NULL;
	const size_t n = json_object_is_type(history, json_type_array) ?
	    json_object_array_length(history) :
	    0;
	json_object *entry;
	const char *status;
	bool first = true;
	size_t i;

	buffer_add_text(out, ",\"attempts\":[");
	for (i = 0; i < n; i++) {
		entry = json_object_array_get_idx(history, i);
		status = member(entry, "status");
		if (status == NULL || strcmp(status, "processing") != 0 ||
		    member(entry, "attempt") == NULL)
			continue;
		buffer_printf(out, "%s{\"attempt\":%s", first ? "" : ",",
		    member(entry, "attempt"));
		first = false;
		add_text(out, "began_at", member(entry, "timestamp"));
		if (i + 1 < n)
			add_outcome(out,
			    json_object_array_get_idx(history, i + 1));
		else
			buffer_add_text(out, ",\"ended_at\":null");
		buffer_add_text(out, "}");
	}
	buffer_add_text(out, "]");
	json_object_put(history);
}

/* -- the whole -------------------------------------------------------------- */

static void
add_words(struct buffer *out, const struct snapshot *job, bool paced)
{
	const struct snapshot_text *status = &job->field[SNAPSHOT_STATUS];
	const char *reason = job->field[SNAPSHOT_REASON].data;
	const enum job_status found =
	    job_status_find(status->data, status->len);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].status == found &&
		    (words[i].reason == NULL ||
			(reason != NULL &&
			    strcmp(words[i].reason, reason) == 0)))
			break;
	if (i == sizeof(words) / sizeof(words[0]))
		return; /* a status of a newer program */
	if (paced) {
		add_text(out, "message",
		    "It waits for its turn, turn_at: mail goes no faster than "
		    "SEND_RATE and PACE_FILE say");
		add_text(out, "what_would_change_it",
		    "A higher rate, or a higher priority for the next one; it "
		    "can be cancelled");
		return;
	}
	add_text(out, "message", words[i].message);
	add_text(out, "what_would_change_it", words[i].change);
}

static void
add_holder(struct buffer *out, const struct why_extra *extra, bool held)
{
	if (!held || extra->owner == NULL) {
		buffer_add_text(out, ",\"held_by\":null");
		return;
	}
	buffer_add_text(out, ",\"held_by\":{\"owner\":");
	buffer_add_json_text(out, extra->owner);
	add_time(out, "until", extra->lease_until);
	buffer_add_text(out, "}");
}

void
why_write(struct buffer *out, const struct snapshot *job,
    const struct why_extra *extra)
{
	const struct snapshot_text *status = &job->field[SNAPSHOT_STATUS];
	const struct snapshot_text *recipients =
	    &job->field[SNAPSHOT_RECIPIENTS];
	const bool over = snapshot_is_over(job);
	const bool held =
	    status->data != NULL && strcmp(status->data, "processing") == 0;
	const bool paced = extra->turn_at > 0 && !over && !held;

	buffer_add_text(out, "{\"object\":\"why\",\"id\":");
	buffer_add_json_text(out, job->field[SNAPSHOT_ID].data);
	add_text(out, "status", status->data != NULL ? status->data : "");
	add_text(out, "reason", job->field[SNAPSHOT_REASON].data);
	if (status->data != NULL)
		add_words(out, job, paced);
	add_time(out, "next_at",
	    over ? 0 : snapshot_number(job, SNAPSHOT_NEXT_AT));
	add_time(out, "turn_at", paced ? extra->turn_at : 0);
	add_time(out, "give_up_at", over ? 0 : extra->give_up_at);
	add_time(out, "expires_at", extra->expires_at);
	add_holder(out, extra, held);
	add_text(out, "last_error", job->field[SNAPSHOT_LAST_ERROR].data);
	add_attempts(out, job);
	buffer_add_text(out, ",\"recipients\":");
	buffer_add_text(out,
	    recipients->data != NULL ? recipients->data : "[]");
	buffer_add_text(out, "}");
}
