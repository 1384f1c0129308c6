/* SPDX-License-Identifier: MIT */
/*
 * What goes through the accept pipeline (commit.h): a mail, or a batch that is
 * kept together or not at all.
 */
#ifndef POSTRIDER_COMMIT_JOB_H
#define POSTRIDER_COMMIT_JOB_H

#include <stdatomic.h>

#include "batch_key.h"
#include "idempotency.h"
#include "job.h"
#include "ladder.h"
#include "pipeline_call.h"
#include "publisher.h"
#include "span.h"
#include "store.h"

struct commit;

enum commit_result {
	COMMIT_CONFIRMED, /* kept, and on its queue */
	COMMIT_KEPT, /* kept; the outbox brings it to its queue */
	COMMIT_REPEATED, /* its key's first mail, confirmed; `id` is that one's */
	COMMIT_REPEATED_KEPT, /* the same, kept */
	COMMIT_DIFFERS, /* its key's first mail is another one: `differs` */
	COMMIT_UNAVAILABLE, /* Redis is away or late: nothing kept */
	COMMIT_REFUSED, /* Redis takes no writes now: nothing kept */
	COMMIT_UNKNOWN, /* sent to Redis, no reply: may be kept */
	COMMIT_FAULT, /* a bug; logged */
	COMMIT_RESULT__MAX
};

#define COMMIT_DIFFERS_SIZE (FIELD_NAME_MAX + 16) /* "[999].subject" */
#define COMMIT_MAILS_MAX 1000 /* of a batch */

/* One mail on its way; the commit's own but for `id`. */
struct commit_mail {
	char id[ID_MAX + 1];
	char traceparent[TRACEPARENT_SIZE];
	struct commit_job *job;
	struct span *sending; /* to its queue; the caller's until it is sent */
	size_t arguments_at; /* where its own begin, in those of the call */
	struct publish publish;
	int64_t next_at, delay; /* delay: ms until then, from Redis' reply */
	int64_t expires_at; /* 0: never */
	struct ladder_route route;
	enum lane lane;
	struct buffer hint; /* until the broker has it */
};

/*
 * A mail, or a batch, that is kept together or not at all; lives in its request.
 * The caller sets `done`.
 */
struct commit_job {
	/* Exactly once, on any thread; may free the struct; must not block. */
	void (*done)(struct commit_job *, enum commit_result);
	/* the commit's own */
	struct commit *commit;
	struct pipeline_call call;
	struct span *keeping; /* in Redis; NULL: it is not traced */
	char *tracestate; /* of its client's trace, or NULL; owned */
	char id[ID_MAX + 1]; /* of a batch: its first mail's */
	char differs[COMMIT_DIFFERS_SIZE]; /* the first field that does */
	struct commit_mail *mails; /* `one`, or the batch's */
	size_t len;
	atomic_size_t waiting; /* mails whose confirm is waited for */
	atomic_bool kept; /* one was not confirmed */
	/*
	 * Who is not sent to, "" when all are: a JSON list; of a batch objects
	 * with commas, one a mail that has some. commit_job_free()
	 */
	struct buffer suppressed;
	bool failed; /* the mail, as all of its recipients are */
	int64_t memory_used; /* a probe's: percent of maxmemory */
	bool paused; /* of a probe: the operator has paused all sending */
	size_t paused_domains; /* and that for so many domains */
	struct commit_mail one;
};

struct commit_batch {
	struct job *jobs; /* each is cleared */
	size_t len; /* 1 to COMMIT_MAILS_MAX */
	/*
	 * Room for as many, the caller's until after `done`; then their ids
	 * are there, in order: after REPEATED those of the first batch.
	 */
	struct commit_mail *mails;
	const struct batch_key *key; /* NULL: no Idempotency-Key */
	const struct span *span; /* that it is a part of; NULL: none */
};
/* Sets ids, mails and the arguments of the call; copies what it needs. */
void commit_job_fill(struct commit_job *, const struct job *,
    const struct idempotency *key, int64_t key_ttl);
void commit_job_fill_batch(struct commit_job *, const struct commit_batch *,
    int64_t key_ttl);

/* Of what went wrong, for error.type; NULL: nothing did. */
extern const char *const commit_result_errors[COMMIT_RESULT__MAX];
/* Those that are still open: nothing goes to the broker any more. */
void commit_job_end_spans(struct commit_job *, const char *error);

/*
 * What Redis answers of each: 0, or -1 when a mail was not accepted; then its
 * answer is in `accept` (STORE_ACCEPT__MAX: it is in no shape).
 */
int commit_job_read(struct commit_job *, const redisReply *,
    struct store_accept_reply *accept);
/*
 * It was accepted before, with those suppressed. Of a batch the ids are those
 * of then: as many as there are mails now, unless what is a fault has changed.
 */
void commit_job_repeat(struct commit_job *, const struct store_accept_reply *);
/* Its texts; it can be used again then. */
void commit_job_free(struct commit_job *);

#endif
