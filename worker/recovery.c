/* SPDX-License-Identifier: MIT */
/* Settles the jobs of owners that are gone, then tells what else is proven. */
#include "recovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intake.h"
#include "journal.h"
#include "log.h"
#include "rescue.h"
#include "store_client.h"
#include "worker.h"

#define GROUP 500 /* jobs asked for at a time */
#define CLAIMS ((STORE_CALL_ARGS - 2) / 3) /* of one question for proof */
#define ROW 4 /* id, claim_seq, to, results */

struct recovery {
	struct worker *worker;
	char owner[ID_MAX + 1];
	unsigned rights;
	struct journal_record record;
	bool has_record;
	size_t asked; /* entries that proof was asked for */
	size_t unanswered; /* settles of this group */
	int64_t settled, settled_before;
	void (*next)(struct recovery *); /* when all of the group are */
	uv_timer_t soon; /* the end is never told from inside the start */
	void (*done)(void *arg, int64_t settled);
	void *arg;
};

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
on_rescued(void *arg, enum rescue_result result)
{
	struct recovery *recovery = arg;

	recovery->settled += result == RESCUE_SETTLED;
	if (--recovery->unanswered > 0)
		return;
	if (result == RESCUE_ABORTED)
		end(recovery, -1);
	else
		recovery->next(recovery);
}

/* -- what its journal proves of other claims ------------------------------------ */

static void ask_proof(struct recovery *);

static bool
is_sent(const struct journal_entry *entry)
{
	return strcmp(entry->outcome, outcome_names[OUTCOME_SENT]) == 0;
}

static void
on_proof(void *arg, const redisReply *reply)
{
	struct recovery *recovery = arg;
	struct rescue_job job = { .owner = recovery->owner,
		.done = on_rescued,
		.arg = recovery };
	redisReply *const *row;
	size_t i;

	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY) {
		end(recovery, -1);
		return;
	}
	if (reply->elements == 0) {
		ask_proof(recovery);
		return;
	}
	recovery->next = ask_proof;
	recovery->unanswered = reply->elements / ROW;
	for (i = 0; i + ROW <= reply->elements; i += ROW) {
		row = &reply->element[i];
		job.id = row[0]->str;
		job.claim_seq = row[1]->integer;
		job.to = row[2]->str;
		job.results = row[3]->str;
		job.entry =
		    journal_find(&recovery->record, job.id, job.claim_seq);
		job.late = is_sent(job.entry);
		rescue_start(recovery->worker, &job);
	}
}

/* The next claims of the journal; at its end, that of the recovery. */
static void
ask_proof(struct recovery *recovery)
{
	const struct journal_entry *entry;
	struct store_call call;
	size_t n = 0;

	store_call_begin(&call, STORE_PROOF);
	store_call_text(&call, recovery->owner);
	store_call_number(&call, (recovery->rights & RECOVERY_RESTORED) != 0);
	while (recovery->has_record && n < CLAIMS &&
	    recovery->asked < recovery->record.entries_len) {
		entry = &recovery->record.entries[recovery->asked++];
		if (entry->outcome[0] != '\0' && !is_sent(entry))
			continue; /* nothing that could be sent twice */
		store_call_text(&call, entry->id);
		store_call_number(&call, entry->claim_seq);
		store_call_number(&call, is_sent(entry));
		n++;
	}
	if (n > 0)
		store_client_call(recovery->worker->store, &call, on_proof,
		    recovery);
	else
		end(recovery, recovery->settled);
}

/* -- what it holds ----------------------------------------------------------------- */

static void ask_owned(struct recovery *);

static void
next_owned(struct recovery *recovery)
{
	if (recovery->settled > recovery->settled_before) {
		ask_owned(recovery);
		return;
	}
	log_error("a recovery makes no progress; it is tried again later",
	    "owner", recovery->owner, NULL);
	end(recovery, -1);
}

/* Where a missing D proves that no dot was sent. */
static bool
is_whole(const struct recovery *recovery)
{
	return recovery->has_record && recovery->record.same_boot &&
	    !(recovery->rights & RECOVERY_RESTORED);
}

static bool
is_in_hand(const struct recovery *recovery, redisReply *const *row)
{
	const struct worker *worker = recovery->worker;

	return strcmp(recovery->owner, worker->owner) == 0 &&
	    intake_has(worker->intake, row[0]->str, row[1]->integer);
}

static size_t
rescue_row(struct recovery *recovery, redisReply *const *row)
{
	struct rescue_job job = {
		.id = row[0]->str,
		.owner = recovery->owner,
		.claim_seq = row[1]->integer,
		.to = row[2]->str,
		.results = row[3]->str,
		.unsent = is_whole(recovery),
		.done = on_rescued,
		.arg = recovery,
	};

	if (is_in_hand(recovery, row))
		return 0;
	if (recovery->has_record)
		job.entry =
		    journal_find(&recovery->record, job.id, job.claim_seq);
	recovery->unanswered++;
	rescue_start(recovery->worker, &job);
	return 1;
}

static void
on_owned(void *arg, const redisReply *reply)
{
	struct recovery *recovery = arg;
	size_t i, n = 0;

	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY) {
		end(recovery, -1);
		return;
	}
	recovery->settled_before = recovery->settled;
	recovery->next = next_owned;
	for (i = 0; i + ROW <= reply->elements; i += ROW)
		n += rescue_row(recovery, &reply->element[i]);
	if (n == 0)
		ask_proof(recovery);
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

/* -- its start --------------------------------------------------------------------- */

static void
on_soon(uv_timer_t *soon)
{
	end(soon->data, -1);
}

static enum journal_found
read_journal(struct recovery *recovery)
{
	const char *folder = recovery->worker->config->state_directory;
	struct journal_record *record = &recovery->record;
	enum journal_found found;

	found = journal_read(record, folder, recovery->owner, JOURNAL_LEFT);
	if (found == JOURNAL_LOCKED && (recovery->rights & RECOVERY_STOPPED))
		found =
		    journal_read(record, folder, recovery->owner, JOURNAL_HELD);
	if (found == JOURNAL_ABSENT && (recovery->rights & RECOVERY_RESTORED))
		found =
		    journal_read(record, folder, recovery->owner, JOURNAL_KEPT);
	return found;
}

void
recovery_start(struct worker *worker, const char *owner, unsigned rights,
    void (*done)(void *arg, int64_t settled), void *arg)
{
	struct recovery *recovery = calloc(1, sizeof(*recovery));
	enum journal_found found;

	if (recovery == NULL)
		abort();
	recovery->worker = worker;
	recovery->rights = rights;
	recovery->done = done;
	recovery->arg = arg;
	recovery->soon.data = recovery;
	snprintf(recovery->owner, sizeof(recovery->owner), "%s", owner);
	/* Neither fails on a fresh handle. */
	(void)uv_timer_init(worker->loop, &recovery->soon);
	found = read_journal(recovery);
	recovery->has_record = found == JOURNAL_READ;
	if (found == JOURNAL_READ ||
	    (found == JOURNAL_ABSENT && (rights & RECOVERY_UNKNOWN))) {
		log_info("taking over what a worker left", "owner", owner,
		    "journal", recovery->has_record ? "yes" : "no", NULL);
		ask_owned(recovery);
	} else {
		(void)uv_timer_start(&recovery->soon, on_soon, 0, 0);
	}
}

/* -- single jobs --------------------------------------------------------------------- */

void
recovery_unknown(struct worker *worker, const char *id, const char *owner,
    int64_t claim_seq)
{
	const struct rescue_job job = { .id = id,
		.owner = owner,
		.claim_seq = claim_seq };

	log_warning("a mail is past its lease", "id", id, "owner", owner, NULL);
	rescue_start(worker, &job);
}

static void
on_ours(void *arg, const redisReply *reply)
{
	struct worker *worker = arg;
	struct rescue_job job = { .owner = worker->owner };
	redisReply *const *row;
	size_t i;

	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY)
		return; /* the process ends, or the next time */
	for (i = 0; i + ROW <= reply->elements; i += ROW) {
		row = &reply->element[i];
		job.id = row[0]->str;
		job.claim_seq = row[1]->integer;
		if (intake_has(worker->intake, job.id, job.claim_seq))
			continue;
		log_warning("a mail is ours and not in hand", "id", job.id,
		    NULL);
		rescue_start(worker, &job);
	}
}

void
recovery_of_ours(struct worker *worker)
{
	struct store_call call;

	store_call_begin(&call, STORE_OWNED);
	store_call_text(&call, worker->owner);
	store_call_number(&call, GROUP);
	store_client_call(worker->store, &call, on_ours, worker);
}
