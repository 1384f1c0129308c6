/* SPDX-License-Identifier: MIT */
/* What an outcome means for the job. */
#include "settlement.h"

#include <stdlib.h>
#include <string.h>

#include "ladder.h"
#include "retry.h"

static void
note(struct recipient *r, enum recipient_state state, int code,
    const char *reply)
{
	r->state = state;
	r->code = code;
	free(r->reply);
	r->reply = reply != NULL ? strdup(reply) : NULL;
}

static struct recipient *
find_waiting(struct job *job, const char *address)
{
	size_t i;

	for (i = 0; i < job->recipients_len; i++)
		if (job->recipients[i].state == RECIPIENT_WAITING &&
		    strcmp(job->recipients[i].address, address) == 0)
			return &job->recipients[i];
	return NULL;
}

static void
mark_one(struct recipient *r, const struct envelope_recipient *e,
    const struct settlement *s)
{
	switch (e->verdict) {
	case VERDICT_REFUSED:
		note(r, RECIPIENT_REFUSED, e->code, e->reply);
		return;
	case VERDICT_RETRY:
		note(r, RECIPIENT_WAITING, e->code, e->reply);
		return;
	case VERDICT_NONE:
	case VERDICT_ACCEPTED:
	case VERDICT__MAX:
		break;
	}
	if (s->outcome == OUTCOME_SENT && e->verdict == VERDICT_ACCEPTED)
		note(r, RECIPIENT_TAKEN, s->code, s->reply);
	else if (s->outcome == OUTCOME_REJECTED)
		note(r, RECIPIENT_REFUSED, s->code, s->reply);
}

void
settlement_mark(struct job *job, const struct envelope_recipient *envelope,
    size_t len, const struct settlement *s)
{
	struct recipient *r;
	size_t i;

	for (i = 0; i < len; i++) {
		r = find_waiting(job, envelope[i].address);
		if (r != NULL)
			mark_one(r, &envelope[i], s);
	}
}

static int64_t
delay(const struct settlement *s, const struct config *config)
{
	struct retry_policy policy = { config->retry_base, config->retry_cap };

	return ladder_round(
	    retry_delay(&policy, (unsigned)s->retry_count + 1, s->random));
}

/* sent, defer or fail: by what became of the recipients. */
static enum store_script
script_of(const struct settlement *s, const struct job *job)
{
	switch (s->outcome) {
	case OUTCOME_UNSENT:
		return STORE_RELEASE;
	case OUTCOME_UNKNOWN:
		return STORE_UNKNOWN;
	case OUTCOME_SENT:
	case OUTCOME_DEFERRED:
	case OUTCOME_REJECTED:
	case OUTCOME__MAX:
		break;
	}
	if (job_count(job, RECIPIENT_WAITING) > 0)
		return STORE_DEFER;
	return job_count(job, RECIPIENT_TAKEN) > 0 ? STORE_SENT : STORE_FAIL;
}

/* What stands behind code and reply in sent, defer and fail. */
static void
add_rest(struct store_call *call, const struct settlement *s,
    const struct config *config)
{
	if (call->script == STORE_SENT) {
		store_call_number(call, config->job_ttl);
		store_call_text(call, "0"); /* the payload is dropped */
		store_call_text(call, s->about);
		return;
	}
	if (call->script == STORE_DEFER) {
		store_call_number(call, delay(s, config));
		store_call_number(call, config->retry_for);
		store_call_number(call, config->failed_ttl);
		store_call_number(call, s->outcome != OUTCOME_SENT);
		store_call_text(call, s->about);
		return;
	}
	store_call_text(call, s->reason != NULL ? s->reason : "rejected");
	store_call_number(call, config->failed_ttl);
	store_call_text(call, s->about);
}

/*
 * Why it is as it is: the reply that decided, but where the mail was taken and
 * some recipients wait, what was said to the first of these.
 */
static void
add_cause(struct store_call *call, const struct settlement *s,
    const struct job *job)
{
	const struct recipient *r = job->recipients;

	if (call->script != STORE_DEFER || s->outcome != OUTCOME_SENT) {
		store_call_number(call, s->code);
		store_call_text(call, s->reply);
		return;
	}
	while (r->state != RECIPIENT_WAITING)
		r++;
	store_call_number(call, r->code);
	store_call_text(call, r->reply != NULL ? r->reply : s->reply);
}

void
settlement_call(struct store_call *call, const struct settlement *s,
    const struct job *job, const struct config *config, struct buffer *results)
{
	store_call_begin(call, script_of(s, job));
	store_call_text(call, job->id);
	store_call_text(call, s->owner);
	store_call_number(call, s->claim_seq);
	if (call->script == STORE_RELEASE) {
		store_call_text(call, s->reply);
		store_call_number(call, config->failed_ttl);
		return;
	}
	if (job->recipients_len > 0)
		job_encode_results(job, results);
	store_call_bytes(call, results->data != NULL ? results->data : "",
	    results->len);
	if (call->script == STORE_UNKNOWN) {
		store_call_text(call, s->reply);
		store_call_number(call, delay(s, config));
		store_call_number(call,
		    config->on_unknown_retry ? config->unknown_max : 0);
		store_call_number(call, config->failed_ttl);
		store_call_text(call, s->about);
		return;
	}
	add_cause(call, s, job);
	add_rest(call, s, config);
}
