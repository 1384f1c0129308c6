/* SPDX-License-Identifier: MIT */
/*
 * A page of jobs while it is put together: from Redis, then from the record,
 * made one. Without a seam, because:
 *
 * - each job is in Redis or in the record: Redis forgets one only when the
 *   record has it. Redis is asked first: what it has forgotten by then, the
 *   record has when it is asked later. So none is missing.
 * - both go by (created_at, id), which never change, from the same place on;
 *   of a job that is in both, that of Redis counts. So none comes twice.
 *
 * Of each, one job more is asked for than the page has: whether there are more.
 */
#ifndef POSTRIDER_LISTING_H
#define POSTRIDER_LISTING_H

#include <hiredis/hiredis.h>

#include "buffer.h"
#include "page.h"
#include "record.h"
#include "store.h"

#define LISTING_COUNT_MAX 10000 /* counted exactly up to there */

/* Jobs of one source, in the order of the page's direction. */
struct listing_source {
	struct listing_item {
		struct cursor place;
		size_t begin, len; /* of its JSON */
	} * items;
	size_t len;
};

struct listing {
	struct page page;
	struct buffer json; /* of all items */
	struct listing_source redis, record;
	int64_t total;
	bool total_is_estimate;
	bool incomplete; /* the record was away */
	int64_t unrecorded; /* ms: since when a change waits; 0: none does */
};

/* Out of memory aborts. */
struct listing *listing_new(const struct page *);
void listing_free(struct listing *); /* also NULL */

/* The call of `history`; the listing is borrowed until it is formatted. */
void listing_ask_redis(const struct listing *, struct store_call *);
enum listing_answer {
	LISTING_READ,
	LISTING_NO_PLACE, /* there is no job of this id */
	LISTING_BAD /* not the script's shape */
};
enum listing_answer listing_read_redis(struct listing *, const redisReply *);

/* Whether the record can add anything. */
bool listing_wants_record(const struct listing *);
/* Finds the created_at of the page's place. 0; 1: there is none; -1. */
int listing_find_place(struct listing *, struct record *);
int listing_read_record(struct listing *, struct record *); /* 0 or -1 */

/* The answer's JSON. */
void listing_write(const struct listing *, struct buffer *out);

#endif
