/* SPDX-License-Identifier: MIT */
/*
 * Deliveries in lists, and those that wait to be claimed: a line for each lane,
 * served by the lanes' weights. It neither makes nor frees a delivery.
 */
#ifndef POSTRIDER_WAITING_H
#define POSTRIDER_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lane.h"

struct delivery;

/* By the deliveries' own `next` and `prev`. */
struct delivery_list {
	struct delivery *first, *last;
	size_t len;
};
void delivery_list_append(struct delivery_list *, struct delivery *);
void delivery_list_take(struct delivery_list *, struct delivery *);

/* The zero value is empty. */
struct waiting {
	struct delivery_list lines[LANE__MAX];
	struct lane_turns turns;
	int64_t newest[LANE__MAX]; /* see waiting_note() */
};

size_t waiting_len(const struct waiting *);
void waiting_add(struct waiting *, struct delivery *);
/*
 * Takes out whose turn it is: the first of its line that `may` be claimed. NULL
 * when none may.
 */
struct delivery *waiting_take(struct waiting *,
    bool (*may)(void *arg, const struct delivery *), void *arg);
/*
 * How many of them wait for no turn (turn_at, monotonic ms); `*next`: ms until
 * the next one's is there, -1: none waits for one.
 */
size_t waiting_ready(const struct waiting *, int64_t now, int64_t *next);
/* Takes out any one; NULL when there is none. */
struct delivery *waiting_drop(struct waiting *);

/*
 * How far a lane's queue has come, as ms of Redis TIME: when the newest message
 * came into it that was brought here as the first of its kind, and the oldest
 * of those that wait; 0: there is none.
 */
struct waiting_progress {
	int64_t newest, oldest;
};
/* A message was brought for the first time; `now` is Redis TIME. */
void waiting_note(struct waiting *, const struct delivery *, int64_t now);
struct waiting_progress waiting_get_progress(const struct waiting *, enum lane);

#endif
