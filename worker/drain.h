/* SPDX-License-Identifier: MIT */
/*
 * Emptying the outbox: what a round of the sweeper found is published as one
 * group, and what the broker confirmed is struck from the outbox.
 */
#ifndef POSTRIDER_DRAIN_H
#define POSTRIDER_DRAIN_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>

struct worker;

/*
 * `rows` are those of sweep's answer: id, next_at, payload, results each. `done`
 * comes on a later turn: whether all were confirmed.
 */
void drain_start(struct worker *, const redisReply *rows, int64_t published_at,
    void (*done)(void *arg, bool confirmed), void *arg);

#endif
