/* SPDX-License-Identifier: MIT */
/* Which page of the jobs a query asks for. Pure. */
#ifndef POSTRIDER_PAGE_H
#define POSTRIDER_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "cursor.h"
#include "faults.h"
#include "job.h"
#include "query.h"

#define PAGE_LIMIT 100 /* jobs, unless told */
#define PAGE_LIST_LIMIT 20
#define PAGE_LIMIT_MAX 500
#define PAGE_WORDS_MAX 8 /* of a subject */
#define PAGE_TERMS_MAX (2 + PAGE_WORDS_MAX) /* to, tag */

/* The lists there are, each with parameters of its own. */
enum page_list {
	PAGE_HISTORY = 1, /* GET /api/jobs/history */
	PAGE_EMAILS = 2 /* GET /api/emails, as Resend has it */
};

struct page {
	enum page_list list;
	size_t limit;
	/*
	 * id "": from the newest on. EMAILS name a job by its id alone: its
	 * created_at is -1 until it is found.
	 */
	struct cursor from;
	enum job_status status; /* JOB_STATUS__MAX: all */
	char reason[QUERY_TEXT_SIZE]; /* "": all */
	int64_t since,
	    until; /* ms, of created_at; 0: none. until is not in it */
	/* What it must be found by: terms of the record. */
	size_t terms_len;
	char terms[PAGE_TERMS_MAX][QUERY_TEXT_SIZE + 1];
	const char *filter; /* the first parameter that only the record knows */
};

/* `query` is a QUERY_STRING. 0, or -1 with every fault added. */
int page_read(struct page *, enum page_list, const char *query,
    struct faults *);

#endif
