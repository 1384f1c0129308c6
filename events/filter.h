/* SPDX-License-Identifier: MIT */
/* Which events a client wants: at first all of them. */
#ifndef POSTRIDER_FILTER_H
#define POSTRIDER_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "id.h"
#include "job.h"

struct filter {
	unsigned statuses; /* a bit each, 1 << enum job_status; 0: all */
	char (*jobs)[ID_MAX + 1]; /* owned; none: all */
	size_t count;
};

/* 0, also when it is there already; -1: there are `max`. */
int filter_add_job(struct filter *, const char *job_id, size_t max);
bool filter_takes(const struct filter *, const char *job_id, enum job_status);
void filter_free(struct filter *);

#endif
