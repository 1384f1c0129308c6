/* SPDX-License-Identifier: MIT */
/* What the relay says of addresses, and the question before a dot. */
#include "suppression.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "log.h"
#include "store_client.h"
#include "timestamp.h"
#include "worker.h"

#define ASK_AFTER 1000 /* ms for which the claim's answer is believed */

/* -- bad addresses ---------------------------------------------------------- */

bool
suppression_is_bad_address(const struct reply_enhanced *enhanced)
{
	if (enhanced->severity != 5 || enhanced->subject != 1)
		return false;
	switch (enhanced->detail) {
	case 1: /* bad destination mailbox address */
	case 3: /* the same, its syntax */
	case 6: /* it has moved, nobody knows where */
	case 10: /* null MX: its domain takes no mail, ever (RFC 7505) */
		return true;
	default: /* 2: the domain, which DNS may lose; 7, 8: the sender's */
		return false;
	}
}

bool
suppression_left_nobody(const struct job *job)
{
	return job_count(job, RECIPIENT_TAKEN) == 0 &&
	    job_count(job, RECIPIENT_SUPPRESSED) > 0;
}

static bool
says_bad_address(const char *text)
{
	struct reply_reader reader = { 0 };
	size_t used;
	bool bad;

	if (text == NULL)
		return false;
	bad = reply_read(&reader, text, strcspn(text, "\n"), &used) !=
		REPLY_FAULTY &&
	    reply_read(&reader, "\r\n", 2, &used) == REPLY_COMPLETE &&
	    suppression_is_bad_address(&reader.reply.enhanced);
	reply_reader_free(&reader);
	return bad;
}

static void
on_added(void *arg, const redisReply *reply)
{
	(void)arg;
	if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
		log_error("an address could not be suppressed", "why",
		    reply->str, NULL);
}

static void
add(struct delivery *d, const char *address, const char *reply)
{
	struct store_call call;

	log_info("an address is suppressed: the relay says it is bad", "id",
	    d->hint.job.id, "address", address, "reply", reply, NULL);
	store_call_begin(&call, STORE_SUPPRESS);
	store_call_text(&call, address);
	store_call_text(&call, "*");
	store_call_text(&call, "hard_bounce");
	store_call_text(&call, reply);
	store_call_text(&call, d->hint.job.id);
	store_call_number(&call, 0); /* now */
	store_call_number(&call, 0); /* for ever */
	store_call_text(&call, "worker");
	store_call_number(&call, d->worker->config->failed_ttl);
	store_client_call(d->worker->store, &call, on_added, NULL);
}

void
suppression_add_bounces(struct delivery *d, enum outcome outcome)
{
	const struct transaction *t = &d->transaction;
	const struct envelope_recipient *r;
	size_t i;

	if (!d->worker->config->suppress_bounces)
		return;
	for (i = 0; i < t->recipients_len; i++) {
		r = &t->recipients[i];
		if (r->verdict == VERDICT_REFUSED && says_bad_address(r->reply))
			add(d, r->address, r->reply);
	}
	/* Said to the message: whom of several it means is not told. */
	if (outcome == OUTCOME_REJECTED && t->recipients_len == 1 &&
	    t->recipients[0].verdict == VERDICT_ACCEPTED &&
	    says_bad_address(t->reply))
		add(d, t->recipients[0].address, t->reply);
}

/* -- before the dot ---------------------------------------------------------- */

struct suppression_question {
	struct delivery *delivery; /* NULL: it has ended meanwhile */
	bool answered, suppressed;
};

static void
on_answer(void *arg, const redisReply *reply)
{
	struct suppression_question *question = arg;

	if (question->delivery == NULL) {
		free(question);
		return;
	}
	question->answered = true;
	if (reply == NULL)
		return; /* the process ends */
	/* An error is as no answer in doubt: the claim will ask again. */
	question->suppressed =
	    reply->type != REDIS_REPLY_INTEGER || reply->integer != 0;
	question->delivery->transaction.waits = false;
}

static void
ask(struct delivery *d)
{
	const struct extras *extras = d->hint.job.extras;
	struct transaction *t = &d->transaction;
	struct store_call call;
	size_t i;

	d->question = calloc(1, sizeof(*d->question));
	if (d->question == NULL)
		abort();
	d->question->delivery = d;
	t->waits = true;
	store_call_begin(&call, STORE_SUPPRESSED);
	store_call_text(&call, extras != NULL ? extras->list : NULL);
	for (i = 0; i < t->recipients_len; i++)
		if (t->recipients[i].verdict == VERDICT_ACCEPTED)
			store_call_text(&call, t->recipients[i].address);
	store_client_call(d->worker->store, &call, on_answer, d->question);
}

bool
suppression_allows_dot(struct delivery *d)
{
	const int64_t now = timestamp_monotonic();
	struct suppression_question *question = d->question;
	bool suppressed;

	if (question != NULL && question->answered) {
		suppressed = question->suppressed;
		suppression_forget(d);
		d->asked_at = now;
		return !suppressed;
	}
	if (question == NULL &&
	    now - (d->asked_at > 0 ? d->asked_at : d->claimed_at) < ASK_AFTER)
		return true;
	if (question == NULL)
		ask(d);
	return false;
}

void
suppression_forget(struct delivery *d)
{
	struct suppression_question *question = d->question;

	d->question = NULL;
	if (question == NULL)
		return;
	if (question->answered)
		free(question);
	else
		question->delivery = NULL;
}
