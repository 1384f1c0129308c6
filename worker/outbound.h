/* SPDX-License-Identifier: MIT */
/*
 * Publishing from the loop: hints up the delay ladder, copies for
 * email_tasks_failed. Wraps the publisher's thread; answers come on the loop.
 */
#ifndef POSTRIDER_OUTBOUND_H
#define POSTRIDER_OUTBOUND_H

#include "config.h"
#include "hint.h"
#include "loop_inbox.h"
#include "publisher.h"

struct outbound;

struct worker;

struct outbound *outbound_new(struct worker *);
/* Waits for what is in flight; the answers are tasks in the inbox. */
void outbound_free(struct outbound *);

typedef void outbound_fn(void *arg, enum publish_result);

/* A hint for parts->next_at: at once when that is past, else by the ladder. */
void outbound_hint(struct outbound *, const struct hint_parts *parts,
    outbound_fn *done, void *arg);

/* A message for email_tasks_failed; copied. */
struct failed_message {
	const char *id; /* "" when it has none */
	const char *reason; /* header x-reason */
	const void *body;
	size_t len;
};
void outbound_failed(struct outbound *, const struct failed_message *,
    outbound_fn *done, void *arg);

enum broker_state outbound_state(const struct outbound *, int64_t *latency);

#endif
