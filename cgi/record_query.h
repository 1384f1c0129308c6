/* SPDX-License-Identifier: MIT */
/*
 * What is asked of the record for a page of jobs.
 *
 * Several filters are answered along the index of one of them, newest first,
 * and each mail found there is looked up by the others. Which one is the way:
 * number 0 and on are the page's terms, and behind them, where the page has a
 * status or a reason, the jobs' own index. It costs what lies along the way, so
 * a filter is the best way that finds the fewest.
 */
#ifndef POSTRIDER_RECORD_QUERY_H
#define POSTRIDER_RECORD_QUERY_H

#include <stddef.h>

#include "buffer.h"
#include "page.h"
#include "record.h"

/* The call borrows from the page and from `sql`. Free after use. */
struct record_query {
	struct buffer sql;
	struct record_call call;
};

size_t record_query_ways(const struct page *); /* 1 at least */

/* How many mails lie along a way, `max` at most: one row with a number. */
void record_query_along(struct record_query *, const struct page *, size_t way,
    size_t max);
/* Rows of JOB_RECORD_COLUMNS in the page's direction, `limit` at most. */
void record_query_page(struct record_query *, const struct page *, size_t way,
    size_t limit);
/* How many jobs the filters find, `max` at most: one row with a number. */
void record_query_count(struct record_query *, const struct page *, size_t way,
    size_t max);
void record_query_free(struct record_query *);

#endif
