/* SPDX-License-Identifier: MIT */
/* What handing in one mail and a batch of them have in common. */
#ifndef POSTRIDER_SUBMIT_H
#define POSTRIDER_SUBMIT_H

#include <stdbool.h>

#include "commit.h"

struct request;

/* false: it was answered. `*key` is the Idempotency-Key, or NULL. */
bool submit_take_key(struct request *, const char **key);

/* Answers for mails that were not accepted, or may not have been. */
void submit_answer_failure(struct request *, enum commit_result);

#endif
