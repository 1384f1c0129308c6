/* SPDX-License-Identifier: MIT */
/* The table of parameters and how each is read. */
#include "page.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "label.h"
#include "literal.h"
#include "nearest.h"
#include "timestamp.h"
#include "words.h"

struct parameter {
	const char *name;
	unsigned lists; /* that have it */
	bool in_record; /* only the record can answer it */
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
	return cursor_decode(&page->from, value, strlen(value));
}

static int
read_id(struct page *page, const char *value, bool newer)
{
	const size_t len = strlen(value);

	if (!id_is_valid(value, len) || page->from.id[0] != '\0')
		return -1;
	memcpy(page->from.id, value, len + 1);
	page->from.created_at = -1;
	page->from.newer = newer;
	return 0;
}

/* Resend's words: the list goes from new to old, `after` is further down. */
static int
read_after(struct page *page, const char *value)
{
	return read_id(page, value, false);
}

static int
read_before(struct page *page, const char *value)
{
	return read_id(page, value, true);
}

static int
read_status(struct page *page, const char *value)
{
	page->status = job_status_find(value, strlen(value));
	return page->status != JOB_STATUS__MAX ? 0 : -1;
}

static int
read_reason(struct page *page, const char *value)
{
	memcpy(page->reason, value, strlen(value) + 1);
	return value[0] != '\0' &&
		value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_")] ==
		    '\0' ?
	    0 :
	    -1;
}

static int
read_since(struct page *page, const char *value)
{
	return timestamp_parse(value, strlen(value), &page->since);
}

static int
read_until(struct page *page, const char *value)
{
	return timestamp_parse(value, strlen(value), &page->until);
}

_Static_assert(ADDRESS_MAX < QUERY_TEXT_SIZE && DOMAIN_MAX < QUERY_TEXT_SIZE &&
	WORD_SIZE <= QUERY_TEXT_SIZE &&
	2 * LABEL_TAG_MAX + sizeof(":") <= QUERY_TEXT_SIZE,
    "every term fits");

/* An address; or a domain, which is the term "@domain". */
static int
read_to(struct page *page, const char *value)
{
	char *term = page->terms[page->terms_len++];

	if (strchr(value, '@') != NULL)
		return address_normalize(value, strlen(value), term) ==
			ADDRESS_OK ?
		    0 :
		    -1;
	*term = '@';
	return domain_normalize(value, strlen(value), term + 1) == ADDRESS_OK ?
	    0 :
	    -1;
}

static int
read_subject(struct page *page, const char *value)
{
	struct words words = { .at = value, .len = strlen(value) };
	size_t found = 0;

	for (; words_next(&words); found++) {
		if (found == PAGE_WORDS_MAX)
			return -1;
		memcpy(page->terms[page->terms_len++], words.word, WORD_SIZE);
	}
	return found > 0 ? 0 : -1;
}

/* "name:value"; or "name", which is the term "name:". */
static int
read_tag(struct page *page, const char *value)
{
	char *term = page->terms[page->terms_len++];
	const size_t name = label_word_length(value);
	const char *rest = value + name;

	if (name == 0 || (*rest != ':' && *rest != '\0'))
		return -1;
	(void)snprintf(term, sizeof(page->terms[0]), "%.*s:%s", (int)name,
	    value, *rest == ':' ? rest + 1 : "");
	if (*rest == '\0')
		return 0;
	rest++;
	return *rest != '\0' && rest[label_word_length(rest)] == '\0' ? 0 : -1;
}

static const struct parameter parameters[] = {
	{ "limit", PAGE_HISTORY | PAGE_EMAILS, false, read_limit,
	    "must be a number from 1 to " LITERAL(PAGE_LIMIT_MAX) },
	{ "cursor", PAGE_HISTORY, false, read_cursor,
	    "is not a next_cursor or prev_cursor of this API" },
	{ "after", PAGE_EMAILS, false, read_after,
	    "must be the id of a mail, and not beside before" },
	{ "before", PAGE_EMAILS, false, read_before,
	    "must be the id of a mail, and not beside after" },
	{ "status", PAGE_HISTORY | PAGE_EMAILS, false, read_status,
	    "must be one of queued, scheduled, processing, retrying, "
	    "completed, failed, cancelled, unknown" },
	{ "reason", PAGE_HISTORY | PAGE_EMAILS, true, read_reason,
	    "must be one of the reasons" },
	{ "to", PAGE_HISTORY | PAGE_EMAILS, true, read_to,
	    "must be an address or a domain" },
	{ "subject", PAGE_HISTORY | PAGE_EMAILS, true, read_subject,
	    "must have 1 to " LITERAL(PAGE_WORDS_MAX) " words" },
	{ "tag", PAGE_HISTORY | PAGE_EMAILS, true, read_tag,
	    "must be a name, or name:value" },
	{ "since", PAGE_HISTORY | PAGE_EMAILS, true, read_since,
	    "must be a time: 2025-06-29T15:52:17Z" },
	{ "until", PAGE_HISTORY | PAGE_EMAILS, true, read_until,
	    "must be a time: 2025-06-29T15:52:17Z" },
};
#define PARAMETERS_LEN (sizeof(parameters) / sizeof(parameters[0]))

static void
fault_unknown(const struct page *page, const char *name, struct faults *faults)
{
	const char *names[PARAMETERS_LEN];
	const char *nearest;
	size_t i, len = 0;

	for (i = 0; i < PARAMETERS_LEN; i++)
		if (parameters[i].lists & page->list)
			names[len++] = parameters[i].name;
	nearest = nearest_name(name, strlen(name), names, len);
	if (nearest != NULL)
		faults_add(faults, name, "is not a parameter: did you mean %s?",
		    nearest);
	else
		faults_add(faults, name, "is not a parameter");
}

/* Which of the table it is; PARAMETERS_LEN when it is none. */
static size_t
parameter_find(const struct page *page, const char *name)
{
	size_t i;

	for (i = 0; i < PARAMETERS_LEN; i++)
		if ((parameters[i].lists & page->list) &&
		    strcmp(parameters[i].name, name) == 0)
			break;
	return i;
}

int
page_read(struct page *page, enum page_list list, const char *text,
    struct faults *faults)
{
	struct query query = { .at = text };
	bool given[PARAMETERS_LEN] = { false };
	size_t i;

	memset(page, 0, sizeof(*page));
	page->list = list;
	page->limit = list == PAGE_EMAILS ? PAGE_LIST_LIMIT : PAGE_LIMIT;
	page->status = JOB_STATUS__MAX;
	while (query_next(&query)) {
		i = parameter_find(page, query.name);
		if (i == PARAMETERS_LEN) {
			fault_unknown(page, query.name, faults);
			continue;
		}
		if (given[i])
			faults_add(faults, query.name, "is given twice");
		else if (query.bad ||
		    parameters[i].read(page, query.value) == -1)
			faults_add(faults, query.name, "%s",
			    parameters[i].fault);
		else if (parameters[i].in_record && page->filter == NULL)
			page->filter = parameters[i].name;
		given[i] = true;
	}
	return faults->count == 0 ? 0 : -1;
}
