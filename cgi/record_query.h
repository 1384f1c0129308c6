/* SPDX-License-Identifier: MIT */
/*
 * A page as the record is asked for it. Each statement walks one index in the
 * order of the list from where the page begins, so that what it costs does not
 * depend on how many jobs there are. Pure.
 */
#ifndef POSTRIDER_RECORD_QUERY_H
#define POSTRIDER_RECORD_QUERY_H

#include "buffer.h"
#include "page.h"
#include "record.h"

/* Borrows the page; free with record_query_free(). */
struct record_query {
	struct buffer sql;
	struct record_call call;
};

/* Rows of JOB_RECORD_COLUMNS, in the order of the page's direction. */
void record_query_page(struct record_query *, const struct page *,
    size_t limit);
/* One number: how many there are on all pages, `max` at most. */
void record_query_count(struct record_query *, const struct page *, size_t max);
void record_query_free(struct record_query *);

#endif
