/* SPDX-License-Identifier: MIT */
/*
 * The times in the body of a request that changes a mail:
 * {"scheduled_at": "..", "expires_at": ".."}.
 */
#ifndef POSTRIDER_TIMES_H
#define POSTRIDER_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "faults.h"

struct times {
	int64_t scheduled_at, expires_at; /* ms; 0: not given */
};

/*
 * `schedules`: scheduled_at is needed, else it is no field. An empty body is an
 * empty object. 0, or -1 with what is wrong.
 */
int times_read(struct times *, const char *body, size_t len, bool schedules,
    struct faults *);

#endif
