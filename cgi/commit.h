/* SPDX-License-Identifier: MIT */
/*
 * The accept pipeline of a mail: Redis first (job and outbox in one script),
 * then the broker, then the answer. Jobs that come together share a turn of
 * Redis and one of the publisher; nobody waits on a thread of his own. It knows
 * nothing of HTTP.
 */
#ifndef POSTRIDER_COMMIT_H
#define POSTRIDER_COMMIT_H

#include "config.h"
#include "durability.h"
#include "idempotency.h"
#include "job.h"
#include "pipeline.h"
#include "publisher.h"
#include "refusal.h"
#include "span.h"

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

/* One job on its way; lives in its request. The caller sets `done`. */
struct commit_job {
	/* Exactly once, on any thread; may free the struct; must not block. */
	void (*done)(struct commit_job *, enum commit_result);
	/* the commit's own */
	struct commit *commit;
	struct pipeline_call call;
	struct publish publish;
	char id[ID_MAX + 1];
	char traceparent[TRACEPARENT_SIZE];
	struct span sent, kept; /* the producer's; that of Redis within it */
	char differs[FIELD_NAME_MAX + 1]; /* the first field that does */
	int64_t next_at;
	int64_t memory_used; /* a probe's: percent of maxmemory */
	enum lane lane;
	bool paused; /* of a probe: the operator has paused all sending */
	size_t paused_domains; /* and that for so many domains */
	struct buffer hint; /* until the broker has it */
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
