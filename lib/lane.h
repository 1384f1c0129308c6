/* SPDX-License-Identifier: MIT */
/*
 * The lanes of the work queue: a mail's `priority` says which it takes. Each is
 * a queue of its own, and where several have mail they are served by weights,
 * so that a password reset does not wait behind a newsletter and the newsletter
 * moves on all the same. Pure.
 */
#ifndef POSTRIDER_LANE_H
#define POSTRIDER_LANE_H

#include <stddef.h>

enum lane {
	LANE_NORMAL, /* of mail that says nothing of it: EMAIL_QUEUE itself */
	LANE_HIGH,
	LANE_BULK,
	LANE__MAX
};

extern const char *const lane_names[LANE__MAX];

/* LANE__MAX when the word is none of them. */
enum lane lane_find(const char *name, size_t len);
/* As Redis tells it: "" and what is no lane (any more) are normal. */
enum lane lane_read(const char *name, size_t len);

#define LANE_SUFFIX_MAX 5 /* bytes: "_high" */
#define LANE_QUEUE_SIZE 128 /* with the NUL */

/* The lane's queue: `queue`, with "_high" or "_bulk" behind it. */
void lane_queue(char name[LANE_QUEUE_SIZE], enum lane, const char *queue);

/* Whose turn it is. The zero value is the beginning. */
struct lane_turns {
	int credit[LANE__MAX];
};

/*
 * The next lane of those that have something, by weights 8 (high), 4 (normal)
 * and 1 (bulk), as evenly as they go; LANE__MAX when none has. A lane that has
 * nothing gathers no claim to later turns.
 */
enum lane lane_next(struct lane_turns *, const size_t waiting[LANE__MAX]);

#endif
