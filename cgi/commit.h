/* SPDX-License-Identifier: MIT */
/*
 * The accept pipeline of a mail: Redis first (job and outbox in one script),
 * then the broker, then the answer. Jobs that come together share a turn of
 * Redis and one of the publisher; nobody waits on a thread of his own. It knows
 * nothing of HTTP.
 */
#ifndef POSTRIDER_COMMIT_H
#define POSTRIDER_COMMIT_H

#include "commit_job.h"
#include "config.h"
#include "durability.h"
#include "idempotency.h"
#include "job.h"
#include "ladder.h"
#include "pipeline.h"
#include "publisher.h"
#include "refusal.h"

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
