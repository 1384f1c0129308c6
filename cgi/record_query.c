/* SPDX-License-Identifier: MIT */
/* Statements put together of what the page asks for. */
#include "record_query.h"

#include <string.h>

#include "job_record.h"

/* Texts of ours between parameters, which are numbered as they come. */
static void
add_text_value(struct record_query *query, const char *sql, const char *value)
{
	record_call_text(&query->call, value, strlen(value));
	buffer_printf(&query->sql, "%s$%zu", sql, query->call.n);
}

static void
add_number_value(struct record_query *query, const char *sql, int64_t value)
{
	record_call_number(&query->call, value);
	buffer_printf(&query->sql, "%s$%zu", sql, query->call.n);
}

static void
begin(struct record_query *query, const char *select)
{
	memset(&query->sql, 0, sizeof(query->sql));
	record_call_begin(&query->call, NULL);
	buffer_add_text(&query->sql, select);
}

/* -- ways ------------------------------------------------------------------- */

/* Whether a job's own columns are asked for. */
static bool
asks_job(const struct page *page)
{
	return page->status != JOB_STATUS__MAX || page->reason[0] != '\0';
}

size_t
record_query_ways(const struct page *page)
{
	return page->terms_len +
	    (asks_job(page) || page->terms_len == 0 ? 1 : 0);
}

/* Whose created_at and id are the order. */
struct way {
	const char *table, *id;
	bool is_term;
};

static struct way
way_of(const struct page *page, size_t way)
{
	static const struct way term = { "term", "job_id", true };
	static const struct way job = { "job", "id", false };

	return way < page->terms_len ? term : job;
}

static void
add_range(struct record_query *query, const struct page *page,
    const struct way *way)
{
	if (page->since != 0) {
		buffer_printf(&query->sql, " AND %s.created_at", way->table);
		add_number_value(query, " >= ", page->since);
	}
	if (page->until != 0) {
		buffer_printf(&query->sql, " AND %s.created_at", way->table);
		add_number_value(query, " < ", page->until);
	}
}

/*
 * A reason is rarer than the statuses that have it, so its index is the one:
 * what is no column uses none.
 */
static void
add_job_filters(struct record_query *query, const struct page *page)
{
	if (page->reason[0] != '\0') /* what its index says of itself */
		add_text_value(query,
		    " AND job.reason <> '' AND job.reason = ", page->reason);
	if (page->status != JOB_STATUS__MAX)
		add_text_value(query,
		    page->reason[0] != '\0' ? " AND job.status || '' = " :
					      " AND job.status = ",
		    job_status_names[page->status]);
}

/* Each by itself: a subquery in a comparison is no join to the planner. */
static void
add_other_terms(struct record_query *query, const struct page *page, size_t way)
{
	const struct way along = way_of(page, way);
	size_t i;

	for (i = 0; i < page->terms_len; i++) {
		if (i == way)
			continue;
		add_text_value(query,
		    " AND 1 = (SELECT count(*) FROM term AS other "
		    "WHERE other.term = ",
		    page->terms[i]);
		buffer_printf(&query->sql,
		    " AND other.created_at = %s.created_at "
		    "AND other.job_id = %s.%s)",
		    along.table, along.table, along.id);
	}
}

/* FROM and WHERE. CROSS JOIN: SQLite takes the tables in this order. */
static void
add_way(struct record_query *query, const struct page *page, size_t way,
    bool needs_job)
{
	const struct way along = way_of(page, way);

	if (!along.is_term)
		buffer_add_text(&query->sql, " FROM job WHERE 1 = 1");
	else if (needs_job)
		add_text_value(query,
		    " FROM term CROSS JOIN job WHERE job.id = term.job_id "
		    "AND term.term = ",
		    page->terms[way]);
	else
		add_text_value(query,
		    " FROM term WHERE term.term = ", page->terms[way]);
	add_range(query, page, &along);
	if (!along.is_term)
		add_job_filters(query, page);
}

/* What the way does not see to. */
static void
add_rest(struct record_query *query, const struct page *page, size_t way)
{
	add_other_terms(query, page, way);
	if (way_of(page, way).is_term)
		add_job_filters(query, page);
}

/* -- statements ---------------------------------------------------------------- */

static void
end_count(struct record_query *query, size_t max)
{
	add_number_value(query, " LIMIT ", (int64_t)max);
	buffer_add_text(&query->sql, ") AS found");
	query->call.sql = query->sql.data;
}

#define COUNT "SELECT count(*) FROM (SELECT 1 AS one"

void
record_query_along(struct record_query *query, const struct page *page,
    size_t way, size_t max)
{
	begin(query, COUNT);
	add_way(query, page, way, false);
	end_count(query, max);
}

void
record_query_count(struct record_query *query, const struct page *page,
    size_t way, size_t max)
{
	begin(query, COUNT);
	add_way(query, page, way, asks_job(page));
	add_rest(query, page, way);
	end_count(query, max);
}

static void
add_place(struct record_query *query, const struct page *page,
    const struct way *way)
{
	if (page->from.id[0] == '\0')
		return;
	buffer_printf(&query->sql, " AND (%s.created_at, %s.%s) %s", way->table,
	    way->table, way->id, page->from.newer ? ">" : "<");
	add_number_value(query, " (", page->from.created_at);
	add_text_value(query, ", ", page->from.id);
	buffer_add_text(&query->sql, ")");
}

void
record_query_page(struct record_query *query, const struct page *page,
    size_t way, size_t limit)
{
	const struct way along = way_of(page, way);
	const char *order = page->from.newer ? "" : " DESC";

	begin(query, "SELECT " JOB_RECORD_COLUMNS);
	add_way(query, page, way, true);
	add_rest(query, page, way);
	add_place(query, page, &along);
	buffer_printf(&query->sql, " ORDER BY %s.created_at%s, %s.%s%s",
	    along.table, order, along.table, along.id, order);
	add_number_value(query, " LIMIT ", (int64_t)limit);
	query->call.sql = query->sql.data;
}

void
record_query_free(struct record_query *query)
{
	buffer_free(&query->sql);
}
