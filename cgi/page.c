/* SPDX-License-Identifier: MIT */
/* The table of parameters and how each is read. */
#include "page.h"

#include <stdbool.h>
#include <string.h>

#include "literal.h"
#include "nearest.h"
#include "query.h"

struct parameter {
	const char *name;
	/* 0, or -1 when the value is wrong. */
	int (*read)(struct page *, const char *value);
	const char *fault;
};

static int
read_limit(struct page *page, const char *value)
{
	size_t limit = 0;

	if (*value == '\0' || strlen(value) > 3)
		return -1;
	for (; *value >= '0' && *value <= '9'; value++)
		limit = limit * 10 + (size_t)(*value - '0');
	page->limit = limit;
	return *value == '\0' && limit >= 1 && limit <= PAGE_LIMIT_MAX ? 0 : -1;
}

static int
read_cursor(struct page *page, const char *value)
{
	return cursor_decode(&page->after, value, strlen(value));
}

static int
read_status(struct page *page, const char *value)
{
	page->status = job_status_find(value, strlen(value));
	return page->status != JOB_STATUS__MAX ? 0 : -1;
}

static const struct parameter parameters[] = {
	{ "limit", read_limit,
	    "must be a number from 1 to " LITERAL(PAGE_LIMIT_MAX) },
	{ "cursor", read_cursor, "is not a next_cursor of this API" },
	{ "status", read_status,
	    "must be one of queued, scheduled, processing, retrying, "
	    "completed, failed, cancelled, unknown" },
};
#define PARAMETERS_LEN (sizeof(parameters) / sizeof(parameters[0]))

static void
fault_unknown(const char *name, struct faults *faults)
{
	const char *names[PARAMETERS_LEN];
	const char *nearest;
	size_t i;

	for (i = 0; i < PARAMETERS_LEN; i++)
		names[i] = parameters[i].name;
	nearest = nearest_name(name, strlen(name), names, PARAMETERS_LEN);
	if (nearest != NULL)
		faults_add(faults, name, "is not a parameter: did you mean %s?",
		    nearest);
	else
		faults_add(faults, name, "is not a parameter");
}

/* Which of the table it is; PARAMETERS_LEN when it is none. */
static size_t
parameter_find(const char *name)
{
	size_t i;

	for (i = 0; i < PARAMETERS_LEN; i++)
		if (strcmp(parameters[i].name, name) == 0)
			break;
	return i;
}

int
page_read(struct page *page, const char *text, struct faults *faults)
{
	struct query query = { .at = text };
	bool given[PARAMETERS_LEN] = { false };
	size_t i;

	memset(page, 0, sizeof(*page));
	page->limit = PAGE_LIMIT;
	page->status = JOB_STATUS__MAX;
	while (query_next(&query)) {
		i = parameter_find(query.name);
		if (i == PARAMETERS_LEN) {
			fault_unknown(query.name, faults);
			continue;
		}
		if (given[i])
			faults_add(faults, query.name, "is given twice");
		else if (query.bad ||
		    parameters[i].read(page, query.value) == -1)
			faults_add(faults, query.name, "%s",
			    parameters[i].fault);
		given[i] = true;
	}
	return faults->count == 0 ? 0 : -1;
}
