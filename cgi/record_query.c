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

/* The longest term is likely to be the rarest one. */
static size_t
rarest(const struct page *page)
{
	size_t i, best = 0;

	for (i = 1; i < page->terms_len; i++)
		if (strlen(page->terms[i]) > strlen(page->terms[best]))
			best = i;
	return best;
}

/*
 * From the index of one term, if there is any, each job looked up by its id;
 * else from the jobs' own. CROSS JOIN: SQLite takes the tables in this order.
 */
static void
add_tables(struct record_query *query, const struct page *page)
{
	const size_t first = rarest(page);
	size_t i;

	if (page->terms_len == 0) {
		buffer_add_text(&query->sql, " FROM job WHERE 1 = 1");
		return;
	}
	add_text_value(query,
	    " FROM term CROSS JOIN job WHERE job.id = term.job_id "
	    "AND term.term = ",
	    page->terms[first]);
	for (i = 0; i < page->terms_len; i++) {
		if (i == first)
			continue;
		add_text_value(query,
		    " AND EXISTS (SELECT 1 FROM term AS other "
		    "WHERE other.term = ",
		    page->terms[i]);
		buffer_add_text(&query->sql,
		    " AND other.created_at = term.created_at "
		    "AND other.job_id = term.job_id)");
	}
}

static const char *
table_of(const struct page *page)
{
	return page->terms_len > 0 ? "term" : "job";
}

static void
add_filters(struct record_query *query, const struct page *page)
{
	const char *table = table_of(page);

	if (page->since != 0) {
		buffer_printf(&query->sql, " AND %s.created_at", table);
		add_number_value(query, " >= ", page->since);
	}
	if (page->until != 0) {
		buffer_printf(&query->sql, " AND %s.created_at", table);
		add_number_value(query, " < ", page->until);
	}
	if (page->status != JOB_STATUS__MAX)
		add_text_value(query,
		    " AND job.status = ", job_status_names[page->status]);
	if (page->reason[0] != '\0') /* what its index says of itself */
		add_text_value(query,
		    " AND job.reason <> '' AND job.reason = ", page->reason);
}

static const char *
id_of(const struct page *page)
{
	return page->terms_len > 0 ? "job_id" : "id";
}

static void
add_place(struct record_query *query, const struct page *page)
{
	const char *table = table_of(page);

	if (page->from.id[0] == '\0')
		return;
	buffer_printf(&query->sql, " AND (%s.created_at, %s.%s) %s", table,
	    table, id_of(page), page->from.newer ? ">" : "<");
	add_number_value(query, " (", page->from.created_at);
	add_text_value(query, ", ", page->from.id);
	buffer_add_text(&query->sql, ")");
}

static void
begin(struct record_query *query)
{
	memset(&query->sql, 0, sizeof(query->sql));
	record_call_begin(&query->call, NULL);
}

void
record_query_page(struct record_query *query, const struct page *page,
    size_t limit)
{
	const char *table = table_of(page);
	const char *order = page->from.newer ? "" : " DESC";

	begin(query);
	buffer_add_text(&query->sql, "SELECT " JOB_RECORD_COLUMNS);
	add_tables(query, page);
	add_filters(query, page);
	add_place(query, page);
	buffer_printf(&query->sql, " ORDER BY %s.created_at%s, %s.%s%s", table,
	    order, table, id_of(page), order);
	add_number_value(query, " LIMIT ", (int64_t)limit);
	query->call.sql = query->sql.data;
}

void
record_query_count(struct record_query *query, const struct page *page,
    size_t max)
{
	begin(query);
	buffer_add_text(&query->sql, "SELECT count(*) FROM (SELECT 1 AS one");
	add_tables(query, page);
	add_filters(query, page);
	add_number_value(query, " LIMIT ", (int64_t)max);
	buffer_add_text(&query->sql, ") AS found");
	query->call.sql = query->sql.data;
}

void
record_query_free(struct record_query *query)
{
	buffer_free(&query->sql);
}
