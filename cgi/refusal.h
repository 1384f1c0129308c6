/* SPDX-License-Identifier: MIT */
/*
 * That Redis answers, but takes no new jobs (full, read-only, cannot write its
 * disk): one line in the log when it begins and one at its end, why for
 * /health, and when to ask again, so that the end is seen without any mail.
 * Refused and taken jobs may come in turns; over is what was quiet for a while.
 */
#ifndef POSTRIDER_REFUSAL_H
#define POSTRIDER_REFUSAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define REFUSAL_WHY_SIZE 256

struct refusal {
	int64_t quiet; /* ms without a refusal, after which it is over */
	pthread_mutex_t lock; /* for these: */
	char why[REFUSAL_WHY_SIZE]; /* "": it takes jobs */
	int64_t began, last, asked; /* monotonic ms */
};

void refusal_init(struct refusal *, int64_t quiet);
void refusal_destroy(struct refusal *);

/* All are thread-safe. */

/* A job was refused, by Redis' words; or (NULL) one was taken. */
void refusal_note(struct refusal *, const char *why);
void refusal_why(struct refusal *, char why[REFUSAL_WHY_SIZE]);
bool refusal_stands(struct refusal *);
/* Whether Redis is to be asked now; true once in `quiet` ms. */
bool refusal_is_doubtful(struct refusal *);

#endif
