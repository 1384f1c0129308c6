/* SPDX-License-Identifier: MIT */
/*
 * The accept pipeline of a mail: Redis first (job and outbox in one script),
 * then the broker, then the answer. Jobs that come together share a turn of
 * Redis and one of the publisher; nobody waits on a thread of his own. It knows
 * nothing of HTTP.
 */
#ifndef POSTRIDER_COMMIT_H
#define POSTRIDER_COMMIT_H

#include <stdatomic.h>

#include "batch_key.h"
#include "config.h"
#include "durability.h"
#include "idempotency.h"
#include "job.h"
#include "pipeline.h"
#include "publisher.h"
#include "refusal.h"

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
	size_t arguments_at; /* where its own begin, in those of the call */
	struct publish publish;
	int64_t next_at;
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
	char id[ID_MAX + 1]; /* of a batch: its first mail's */
	char differs[COMMIT_DIFFERS_SIZE]; /* the first field that does */
	struct commit_mail *mails; /* `one`, or the batch's */
	size_t len;
	atomic_size_t waiting; /* mails whose confirm is waited for */
	atomic_bool kept; /* one was not confirmed */
	int64_t memory_used; /* a probe's: percent of maxmemory */
	bool paused; /* of a probe: the operator has paused all sending */
	size_t paused_domains; /* and that for so many domains */
	struct commit_mail one;
};

struct commit;

/* NULL when no thread or eventfd can be had. `config` is borrowed. */
struct commit *commit_new(const struct config *config);
/* No job may be in hand. Redis is told of the last confirms. */
void commit_free(struct commit *);

/*
 * Thread-safe. Copies what it needs of `job` and of `key` (NULL: no
 * Idempotency-Key) before it returns.
 */
void commit_send(struct commit *, struct commit_job *, const struct job *job,
    const struct idempotency *key, int64_t deadline);

struct commit_batch {
	struct job *jobs; /* each is cleared */
	size_t len; /* 1 to COMMIT_MAILS_MAX */
	/*
	 * Room for as many, the caller's until after `done`; then their ids
	 * are there, in order: after REPEATED those of the first batch.
	 */
	struct commit_mail *mails;
	const struct batch_key *key; /* NULL: no Idempotency-Key */
};
/* The same for a batch. */
void commit_send_batch(struct commit *, struct commit_job *,
    const struct commit_batch *, int64_t deadline);

/*
 * Thread-safe: asks Redis, by the path that jobs take, whether it would take
 * one now. `done` as above: CONFIRMED if so.
 */
void commit_probe(struct commit *, struct commit_job *, int64_t deadline);

bool commit_is_up(struct commit *); /* Redis is connected */
enum broker_state commit_broker(struct commit *, int64_t *latency);
struct publisher *commit_publisher(struct commit *);
/* Thread-safe: the broker has this hint; Redis is told in a while. */
void commit_confirmed(struct commit *, const char *id, int64_t next_at);
struct durability *commit_durability(struct commit *);
struct refusal *commit_refusal(struct commit *);

#endif
