/* SPDX-License-Identifier: MIT */
/* Two sorted lists become one. */
#include "listing.h"

#include <stdlib.h>
#include <string.h>

#include "job_record.h"
#include "job_view.h"
#include "record_query.h"
#include "snapshot.h"
#include "timestamp.h"

static void
source_open(struct listing_source *source, size_t size)
{
	source->items = calloc(size, sizeof(*source->items));
	if (source->items == NULL)
		abort();
}

struct listing *
listing_new(const struct page *page)
{
	struct listing *listing = calloc(1, sizeof(*listing));

	if (listing == NULL)
		abort();
	listing->page = *page;
	source_open(&listing->redis, page->limit + 1);
	source_open(&listing->record, page->limit + 1);
	return listing;
}

void
listing_free(struct listing *listing)
{
	if (listing == NULL)
		return;
	free(listing->redis.items);
	free(listing->record.items);
	buffer_free(&listing->json);
	free(listing);
}

/* -- reading ---------------------------------------------------------------- */

static void
add(struct listing *listing, struct listing_source *source,
    const struct snapshot *job)
{
	struct listing_item *item = &source->items[source->len];

	if (source->len > listing->page.limit)
		return; /* more than was asked for: never seen */
	job_view_cursor(&item->place, job);
	item->begin = listing->json.len;
	job_view_write(&listing->json, job);
	item->len = listing->json.len - item->begin;
	source->len++;
}

void
listing_ask_redis(const struct listing *listing, struct store_call *call)
{
	const struct page *page = &listing->page;

	store_call_begin(call, STORE_HISTORY);
	store_call_text(call,
	    page->status == JOB_STATUS__MAX ? "" :
					      job_status_names[page->status]);
	store_call_text(call, page->from.id);
	store_call_number(call, page->from.created_at);
	/* Of what only the record can find, Redis tells no jobs. */
	store_call_number(call,
	    page->filter != NULL ? 0 : (int64_t)page->limit + 1);
	store_call_text(call, page->from.newer ? "newer" : "older");
}

enum listing_answer
listing_read_redis(struct listing *listing, const redisReply *reply)
{
	struct snapshot job;
	size_t i;

	if (reply->type == REDIS_REPLY_NIL)
		return LISTING_NO_PLACE;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 3)
		return LISTING_BAD;
	listing->total =
	    listing->page.filter != NULL ? 0 : reply->element[0]->integer;
	listing->unrecorded = reply->element[1]->integer;
	listing->page.from.created_at = reply->element[2]->integer;
	for (i = 3; i < reply->elements; i++) {
		if (snapshot_read(&job, reply->element[i]) == 0)
			add(listing, &listing->redis, &job);
		snapshot_free(&job);
	}
	return LISTING_READ;
}

bool
listing_wants_record(const struct listing *listing)
{
	switch (listing->page.status) {
	case JOB_QUEUED:
	case JOB_SCHEDULED:
	case JOB_PROCESSING:
	case JOB_RETRYING: /* Redis forgets only what is over */
		return listing->page.filter != NULL;
	case JOB_COMPLETED:
	case JOB_FAILED:
	case JOB_CANCELLED:
	case JOB_UNKNOWN:
	case JOB_STATUS__MAX:
		break;
	}
	return true;
}

static void
note_number(void *arg, const struct record_column *columns)
{
	int64_t *number = arg;

	*number = strtoll(columns[0].data, NULL, 10);
}

int
listing_find_place(struct listing *listing, struct record *record)
{
	struct cursor *place = &listing->page.from;
	struct record_call call;

	record_call_begin(&call, "SELECT created_at FROM job WHERE id = $1");
	record_call_text(&call, place->id, strlen(place->id));
	if (record_query(record, &call, note_number, &place->created_at) == -1)
		return -1;
	return place->created_at == -1 ? 1 : 0;
}

static void
add_row(void *arg, const struct record_column *columns)
{
	struct listing *listing = arg;
	struct snapshot job;

	job_record_read(&job, columns);
	add(listing, &listing->record, &job);
}

/* Runs a query that tells one number, and frees it. 0 or -1. */
static int
ask_number(struct record *record, struct record_query *query, int64_t *number)
{
	int result = record_query(record, &query->call, note_number, number);

	record_query_free(query);
	return result;
}

/* The way that finds the fewest. 0 or -1. */
static int
find_way(const struct page *page, struct record *record, size_t *best)
{
	const size_t ways = record_query_ways(page);
	struct record_query query;
	int64_t found, fewest = INT64_MAX;
	size_t way;

	*best = 0;
	for (way = 0; way < ways && ways > 1; way++) {
		record_query_along(&query, page, way, LISTING_COUNT_MAX);
		if (ask_number(record, &query, &found) == -1)
			return -1;
		if (found < fewest) {
			fewest = found;
			*best = way;
		}
	}
	return 0;
}

/* Exact when all is recorded and it is not too many to count them. */
static int
read_total(struct listing *listing, struct record *record, size_t way)
{
	struct record_query query;
	int64_t total = 0;
	int result;

	record_query_count(&query, &listing->page, way, LISTING_COUNT_MAX + 1);
	result = ask_number(record, &query, &total);
	listing->total_is_estimate =
	    listing->unrecorded != 0 || total > LISTING_COUNT_MAX;
	if (total > LISTING_COUNT_MAX)
		total = LISTING_COUNT_MAX;
	if (total > listing->total || !listing->total_is_estimate)
		listing->total = total;
	return result;
}

int
listing_read_record(struct listing *listing, struct record *record)
{
	struct record_query query;
	size_t way;
	int result;

	if (find_way(&listing->page, record, &way) == -1)
		return -1;
	record_query_page(&query, &listing->page, way, listing->page.limit + 1);
	result = record_query(record, &query.call, add_row, listing);
	record_query_free(&query);
	if (result == -1 || listing->page.list == PAGE_EMAILS)
		return result; /* it tells no total */
	return read_total(listing, record, way);
}

/* -- writing ---------------------------------------------------------------- */

/* < 0 when `a` comes before `b` in the page's direction. */
static int
compare(const struct page *page, const struct cursor *a, const struct cursor *b)
{
	int order =
	    (a->created_at > b->created_at) - (a->created_at < b->created_at);

	if (order == 0)
		order = strcmp(a->id, b->id);
	return page->from.newer ? order : -order;
}

/* A page's items, and whether there are more behind them. */
struct picks {
	const struct listing_item *items[PAGE_LIMIT_MAX];
	size_t len;
	bool more;
};

static void
pick(struct picks *picks, const struct listing *listing)
{
	const struct listing_item *a = listing->redis.items;
	const struct listing_item *b = listing->record.items;
	const struct listing_item *a_end = a + listing->redis.len;
	const struct listing_item *b_end = b + listing->record.len;
	int order;

	picks->len = 0;
	while (picks->len < listing->page.limit && (a < a_end || b < b_end)) {
		order = a == a_end ? 1 :
		    b == b_end     ? -1 :
				 compare(&listing->page, &a->place, &b->place);
		picks->items[picks->len++] = order <= 0 ? a : b;
		a += order <= 0;
		b += order >= 0;
	}
	picks->more = a < a_end || b < b_end;
}

static void
write_items(struct buffer *out, const struct listing *listing,
    const struct picks *picks)
{
	const struct listing_item *item;
	size_t i;

	for (i = 0; i < picks->len; i++) {
		item =
		    picks->items[listing->page.from.newer ? picks->len - 1 - i :
							    i];
		if (i > 0)
			buffer_add_text(out, ",");
		buffer_add(out, listing->json.data + item->begin, item->len);
	}
}

static void
write_cursor(struct buffer *out, const struct cursor *place, bool newer)
{
	struct cursor cursor = *place;
	char text[CURSOR_SIZE];

	cursor.newer = newer;
	cursor_encode(&cursor, text);
	buffer_add_json_text(out, text);
}

/*
 * next_cursor is null where nothing older can be. There may be newer ones at any
 * time: prev_cursor is null only where there is no job to begin from.
 */
static void
write_cursors(struct buffer *out, const struct page *page,
    const struct picks *picks)
{
	const bool newer = page->from.newer;
	const struct cursor *oldest = &page->from, *newest = &page->from;

	if (picks->len > 0) {
		newest = &picks->items[newer ? picks->len - 1 : 0]->place;
		oldest = &picks->items[newer ? 0 : picks->len - 1]->place;
	}
	buffer_add_text(out, ",\"next_cursor\":");
	if (newer || picks->more)
		write_cursor(out, oldest, false);
	else
		buffer_add_text(out, "null");
	buffer_add_text(out, ",\"prev_cursor\":");
	if (newest->id[0] != '\0')
		write_cursor(out, newest, true);
	else
		buffer_add_text(out, "null");
}

/* Filters find what is recorded: until when all changes are. */
static void
write_recorded_until(struct buffer *out, const struct listing *listing)
{
	char text[TIMESTAMP_SIZE];

	if (listing->page.filter == NULL)
		return;
	buffer_add_text(out, ",\"recorded_until\":");
	timestamp_format(text, listing->unrecorded);
	buffer_add_json_text(out, listing->unrecorded != 0 ? text : NULL);
}

static void
write_history(const struct listing *listing, const struct picks *picks,
    struct buffer *out)
{
	buffer_printf(out,
	    "{\"total\":%lld,\"total_is_estimate\":%s,"
	    "\"jobs\":[",
	    (long long)listing->total,
	    listing->total_is_estimate ? "true" : "false");
	write_items(out, listing, picks);
	buffer_add_text(out, "]");
	write_cursors(out, &listing->page, picks);
}

void
listing_write(const struct listing *listing, struct buffer *out)
{
	struct picks picks;

	pick(&picks, listing);
	switch (listing->page.list) {
	case PAGE_HISTORY:
		write_history(listing, &picks, out);
		break;
	case PAGE_EMAILS:
		buffer_printf(out,
		    "{\"object\":\"list\",\"has_more\":%s,"
		    "\"data\":[",
		    picks.more ? "true" : "false");
		write_items(out, listing, &picks);
		buffer_add_text(out, "]");
		break;
	}
	write_recorded_until(out, listing);
	if (listing->incomplete)
		buffer_add_text(out, ",\"incomplete\":true");
	buffer_add_text(out, "}");
}
