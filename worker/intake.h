/* SPDX-License-Identifier: MIT */
/*
 * What the work queue brought and is in hand: which message is claimed next
 * and when, and when no more is to be taken (relay away, stop). It knows
 * deliveries as a list; what happens to one is delivery.c's.
 */
#ifndef POSTRIDER_INTAKE_H
#define POSTRIDER_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consumer.h"
#include "lane.h"
#include "waiting.h"

struct worker;
struct delivery;
struct intake;

struct intake *intake_new(struct worker *);
/* Starts consuming. 0, or -1 when the consumer cannot be started. */
int intake_start(struct intake *);
/*
 * Takes no more, gives back what waits; what is claimed goes on, and `drained`
 * is called when nothing is left.
 */
void intake_stop(struct intake *, void (*drained)(void *arg), void *arg);
/* Writes the acks and ends the consumer's thread. */
void intake_close(struct intake *);
/* After intake_close and the inbox' end. */
void intake_free(struct intake *);

/* Claims while the relay has room. Call it when something has changed. */
void intake_pump(struct intake *);

/* For delivery.c: its claim was answered; it is over. */
void intake_claim_answered(struct intake *, const struct delivery *);
void intake_ended(struct intake *, struct delivery *);
/* Claimed in vain: it waits again, and is not claimed before `ms` are over. */
void intake_wait(struct intake *, struct delivery *, int64_t ms);
/* Its message takes that much memory; no more. */
void intake_hold(struct intake *, size_t bytes);
void intake_release(struct intake *, size_t bytes);

void intake_ack(struct intake *, struct consumed_tag);
void intake_requeue(struct intake *, struct consumed_tag);
enum broker_state intake_state(const struct intake *);

struct intake_count {
	size_t waiting; /* not claimed */
	size_t in_hand; /* claimed, or being so */
};
/* Whether that claim is in hand, or may be: its answer is on its way. */
bool intake_has(const struct intake *, const char *id, int64_t claim_seq);
void intake_get_count(const struct intake *, struct intake_count *);

/* A lane's queue, as far as it is known here. */
struct intake_lane {
	struct waiting_progress progress;
	int64_t depth; /* messages for anybody; -1: not measured */
	int64_t empty_for; /* ms since that was seen to be 0; -1: it was not */
};
struct intake_lane intake_get_lane(const struct intake *, enum lane);

#endif
