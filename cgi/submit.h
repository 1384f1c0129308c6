/* SPDX-License-Identifier: MIT */
/* What handing in one mail and a batch of them have in common. */
#ifndef POSTRIDER_SUBMIT_H
#define POSTRIDER_SUBMIT_H

#include <stdbool.h>

#include "commit.h"

struct request;

/* false: it was answered. `*key` is the Idempotency-Key, or NULL. */
bool submit_take_key(struct request *, const char **key);

/* Writes the answer for what was accepted; `replayed`: by an earlier request. */
typedef void submit_accepted_fn(struct request *, int status, bool replayed);

/* Answers: by `accepted`, or what is in the way, alike for one mail and many. */
void submit_answer(struct request *, enum commit_result, submit_accepted_fn *);

#endif
