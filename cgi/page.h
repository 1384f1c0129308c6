/* SPDX-License-Identifier: MIT */
/* Which page of the job history a query asks for. Pure. */
#ifndef POSTRIDER_PAGE_H
#define POSTRIDER_PAGE_H

#include <stddef.h>

#include "cursor.h"
#include "faults.h"
#include "job.h"

#define PAGE_LIMIT 100 /* jobs, unless told */
#define PAGE_LIMIT_MAX 500

struct page {
	size_t limit;
	struct cursor after; /* id "": from the newest on */
	enum job_status status; /* JOB_STATUS__MAX: all */
};

/*
 * `query` is a QUERY_STRING: limit, cursor, status. 0, or -1 with every fault
 * added.
 */
int page_read(struct page *, const char *query, struct faults *);

#endif
