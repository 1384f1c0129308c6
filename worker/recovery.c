/* SPDX-License-Identifier: MIT */
/* Settles the jobs of owners that are gone. */
#include "recovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "log.h"
#include "republish.h"
#include "settlement.h"
#include "store_client.h"
#include "worker.h"

#define GROUP 500 /* jobs asked for at a time */

struct recovery {
	struct worker *worker;
	char owner[ID_MAX + 1];
	struct journal_record record;
	bool has_record;
	size_t unanswered; /* settles of this group */
	int64_t settled, settled_before;
	uv_timer_t soon; /* the end is never told from inside the start */
	void (*done)(void *arg, int64_t settled);
	void *arg;
};

/* One job on its way; `recovery` is NULL for one that is past its lease. */
struct rescue {
	struct worker *worker;
	struct recovery *recovery;
	char id[ID_MAX + 1];
};

/* -- one job ------------------------------------------------------------------ */

static void next_group(struct recovery *);
static void end(struct recovery *, int64_t settled);

static void
on_settled(void *arg, const redisReply *reply)
{
	struct rescue *rescue = arg;
	struct recovery *recovery = rescue->recovery;
	struct store_settle_reply settled;
	struct hint_parts parts = { .id = rescue->id };

	if (reply == NULL) { /* the process ends */
		free(rescue);
		if (recovery != NULL && --recovery->unanswered == 0)
			end(recovery, -1);
		return;
	}
	if (store_settle_read(&settled, reply) == -1) {
		log_error("a recovery was refused", "id", rescue->id, "why",
		    reply->str, NULL);
	} else if (settled.answer != STORE_SETTLE_LOST) {
		log_info("recovered", "id", rescue->id, "status",
		    settled.status, NULL);
		if (recovery != NULL)
			recovery->settled++;
	}
	parts.next_at = settled.next_at;
	if (settled.answer == STORE_SETTLED && settled.next_at > 0)
		republish_hint(rescue->worker, &parts);
	free(rescue);
	if (recovery != NULL && --recovery->unanswered == 0)
		next_group(recovery);
}

/* The recipients that D names, as far as an entry tells them. */
static void
add_recipients(struct job *job, const char *list,
    struct envelope_recipient *envelope)
{
	const char *p = list, *end;

	for (; p != NULL && *p != '\0'; p = *end == ',' ? end + 1 : end) {
		end = p + strcspn(p, ",");
		if (job_add_recipient(job, p, (size_t)(end - p)) == -1)
			break;
		envelope[job->recipients_len - 1].verdict = VERDICT_ACCEPTED;
		envelope[job->recipients_len - 1].address =
		    job->recipients[job->recipients_len - 1].address;
	}
}

static enum outcome
outcome_of(const struct journal_entry *entry, bool same_boot)
{
	int i;

	if (entry == NULL)
		return same_boot ? OUTCOME_UNSENT : OUTCOME_UNKNOWN;
	for (i = 0; i < OUTCOME__MAX; i++)
		if (strcmp(entry->outcome, outcome_names[i]) == 0)
			return (enum outcome)i;
	return OUTCOME_UNKNOWN; /* D without R */
}

static const char *
words(const struct journal_entry *entry, enum outcome outcome)
{
	if (entry != NULL && entry->reply != NULL)
		return entry->reply;
	return outcome == OUTCOME_UNSENT ?
	    "Its worker ended before it was sent" :
	    "Its worker ended after the mail was sent and before the reply "
	    "was noted";
}

static void
settle(struct rescue *rescue, const char *owner, int64_t claim_seq,
    const struct journal_entry *entry, bool same_boot)
{
	struct envelope_recipient envelope[JOB_RECIPIENTS_MAX] = { 0 };
	struct settlement s = { .owner = owner, .claim_seq = claim_seq };
	struct buffer results = { 0 };
	struct job job = { 0 };
	struct store_call call;

	s.outcome = outcome_of(entry, same_boot);
	s.code = entry != NULL ? entry->code : 0;
	s.reply = words(entry, s.outcome);
	snprintf(job.id, sizeof(job.id), "%s", rescue->id);
	if (entry != NULL && s.outcome != OUTCOME_UNKNOWN)
		add_recipients(&job, entry->recipients, envelope);
	settlement_mark(&job, envelope, job.recipients_len, &s);
	settlement_call(&call, &s, &job, rescue->worker->config, &results);
	store_client_call(rescue->worker->store, &call, on_settled, rescue);
	buffer_free(&results);
	job_clear(&job);
}

static struct rescue *
rescue_new(struct worker *worker, struct recovery *recovery, const char *id)
{
	struct rescue *rescue = calloc(1, sizeof(*rescue));

	if (rescue == NULL)
		abort();
	rescue->worker = worker;
	rescue->recovery = recovery;
	snprintf(rescue->id, sizeof(rescue->id), "%s", id);
	return rescue;
}

void
recovery_unknown(struct worker *worker, const char *id, const char *owner,
    int64_t claim_seq)
{
	log_warning("a mail is past its lease", "id", id, "owner", owner, NULL);
	settle(rescue_new(worker, NULL, id), owner, claim_seq, NULL, false);
}

/* -- all of an owner -------------------------------------------------------------- */

static void
on_soon_closed(uv_handle_t *soon)
{
	free(soon->data);
}

static void
end(struct recovery *recovery, int64_t settled)
{
	if (recovery->has_record)
		journal_release(&recovery->record, settled >= 0);
	recovery->has_record = false;
	recovery->done(recovery->arg, settled);
	uv_close((uv_handle_t *)&recovery->soon, on_soon_closed);
}

static void
on_owned(void *arg, const redisReply *reply)
{
	struct recovery *recovery = arg;
	const struct journal_entry *entry;
	const char *id;
	int64_t seq;
	size_t i;

	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY ||
	    reply->elements == 0) {
		end(recovery, recovery->settled);
		return;
	}
	recovery->settled_before = recovery->settled;
	recovery->unanswered = reply->elements / 2;
	for (i = 0; i + 1 < reply->elements; i += 2) {
		id = reply->element[i]->str;
		seq = reply->element[i + 1]->integer;
		entry = recovery->has_record ?
		    journal_find(&recovery->record, id, seq) :
		    NULL;
		settle(rescue_new(recovery->worker, recovery, id),
		    recovery->owner, seq, entry,
		    recovery->has_record && recovery->record.same_boot);
	}
}

static void
ask_owned(struct recovery *recovery)
{
	struct store_call call;

	store_call_begin(&call, STORE_OWNED);
	store_call_text(&call, recovery->owner);
	store_call_number(&call, GROUP);
	store_client_call(recovery->worker->store, &call, on_owned, recovery);
}

static void
next_group(struct recovery *recovery)
{
	if (recovery->settled > recovery->settled_before) {
		ask_owned(recovery);
		return;
	}
	log_error("a recovery makes no progress; it is tried again later",
	    "owner", recovery->owner, NULL);
	end(recovery, -1);
}

static void
on_soon(uv_timer_t *soon)
{
	end(soon->data, -1);
}

void
recovery_start(struct worker *worker, const char *owner,
    enum recovery_mode mode, void (*done)(void *arg, int64_t settled),
    void *arg)
{
	struct recovery *recovery = calloc(1, sizeof(*recovery));
	enum journal_found found;

	if (recovery == NULL)
		abort();
	recovery->worker = worker;
	recovery->done = done;
	recovery->arg = arg;
	recovery->soon.data = recovery;
	snprintf(recovery->owner, sizeof(recovery->owner), "%s", owner);
	/* Neither fails on a fresh handle. */
	(void)uv_timer_init(worker->loop, &recovery->soon);
	found = journal_read(&recovery->record, worker->config->state_directory,
	    owner);
	recovery->has_record = found == JOURNAL_READ;
	if (found == JOURNAL_READ ||
	    (found == JOURNAL_ABSENT && mode == RECOVERY_UNKNOWN)) {
		log_info("taking over what a worker left", "owner", owner,
		    "journal", recovery->has_record ? "yes" : "no", NULL);
		ask_owned(recovery);
	} else {
		(void)uv_timer_start(&recovery->soon, on_soon, 0, 0);
	}
}
